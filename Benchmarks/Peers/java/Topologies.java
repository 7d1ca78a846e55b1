import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.YieldingWaitStrategy;
import com.lmax.disruptor.dsl.ProducerType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;

/**
 * The LMAX Disruptor's own topologies with yielding waits, one event per publication.
 *
 * <p>Pipeline: each stage adds one to the last stage's field. Diamond: two stages write a field
 * each, a third checks both. Multicast: three handlers see everything.
 */
final class Topologies implements BiFunction<String, Long, Harness.Outcome> {
    private static final int CAPACITY = 8192;

    static final class Event {
        long value;
        long first;
        long second;
    }

    /** A handler that checks what comes, and ends its processor after the last event. */
    private abstract static class Stage implements EventHandler<Event> {
        final Harness.Check check = new Harness.Check(true);
        BatchEventProcessor<Event> processor;
        long remaining;
        long wrong;

        abstract void handle(Event event);

        @Override
        public void onEvent(Event event, long sequence, boolean endOfBatch) {
            check.take(event.value);
            handle(event);
            if (--remaining == 0) processor.halt();
        }
    }

    private static final class Look extends Stage {
        @Override
        void handle(Event event) {}
    }

    private static final class First extends Stage {
        @Override
        void handle(Event event) {
            event.first = event.value + 1;
        }
    }

    private static final class Second extends Stage {
        private final boolean follows;

        Second(boolean follows) {
            this.follows = follows;
        }

        @Override
        void handle(Event event) {
            if (follows && event.first != event.value + 1) wrong++;
            event.second = event.value + 2;
        }
    }

    private static final class Last extends Stage {
        private final boolean looksAtFirst;

        Last(boolean looksAtFirst) {
            this.looksAtFirst = looksAtFirst;
        }

        @Override
        void handle(Event event) {
            if (looksAtFirst && event.first != event.value + 1) wrong++;
            if (event.second != event.value + 2) wrong++;
        }
    }

    @Override
    public Harness.Outcome apply(String caseName, Long items) {
        Topology topology = new Topology(caseName.equals("disruptor_sequencer") ? 3 : 1);
        topology.build(caseName);
        return topology.run(items);
    }

    private static final class Topology {
        private final List<Stage> stages = new ArrayList<>();
        private final RingBuffer<Event> ring;
        private final int producers;

        Topology(int producers) {
            this.producers = producers;
            ProducerType type = producers == 1 ? ProducerType.SINGLE : ProducerType.MULTI;
            ring = RingBuffer.create(type, Event::new, CAPACITY, new YieldingWaitStrategy());
        }

        Sequence add(Stage stage, Sequence... after) {
            stage.processor = new BatchEventProcessor<>(ring, ring.newBarrier(after), stage);
            stages.add(stage);
            return stage.processor.getSequence();
        }

        void build(String caseName) {
            switch (caseName) {
                case "disruptor_pipeline":
                    Sequence first = add(new First());
                    Sequence second = add(new Second(true), first);
                    ring.addGatingSequences(add(new Last(true), second));
                    break;
                case "disruptor_multicast":
                    for (int i = 0; i < 3; i++) ring.addGatingSequences(add(new Look()));
                    break;
                case "disruptor_diamond":
                    Sequence left = add(new First());
                    Sequence right = add(new Second(false));
                    ring.addGatingSequences(add(new Last(true), left, right));
                    break;
                default:
                    ring.addGatingSequences(add(new Look()));
            }
        }

        Harness.Outcome run(long items) {
            long each = Math.max(1, items / producers);
            for (Stage stage : stages) stage.remaining = each * producers;
            AtomicLong violations = new AtomicLong();
            double duration = Harness.timed(producers + stages.size(), index -> {
                if (index < producers) {
                    publish(index, each);
                    return;
                }
                stages.get(index - producers).processor.run();
            });
            for (Stage stage : stages) {
                violations.addAndGet(stage.check.violations + stage.wrong);
                if (stage.check.sum != Harness.expectedSum(producers, each)) {
                    violations.incrementAndGet();
                }
            }
            return new Harness.Outcome(each * producers * 1e3 / duration, violations.get());
        }

        private void publish(long producer, long items) {
            for (long number = 1; number <= items; number++) {
                long sequence = ring.next();
                ring.get(sequence).value = producer << Harness.SHIFT | number;
                ring.publish(sequence);
            }
        }
    }
}
