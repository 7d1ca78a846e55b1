import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.MpmcArrayQueue;
import org.jctools.queues.SpscArrayQueue;

/**
 * JCTools' queues. They hold references, so the items are mutable holders out of a pool that is
 * larger than what can be under way: nothing is allocated per item.
 */
final class Queues implements BiFunction<String, Long, Harness.Outcome> {
    private static final int CAPACITY = 1024;
    private static final int POOL = 4 * CAPACITY;

    static final class Holder {
        long value;
    }

    @Override
    public Harness.Outcome apply(String caseName, Long items) {
        IntFunction<MessagePassingQueue<Holder>> spsc = SpscArrayQueue::new;
        switch (caseName) {
            case "spsc_8B":
                return transfer(spsc.apply(CAPACITY), 1, 1, items);
            case "uncontended_ns":
                return uncontended(spsc.apply(CAPACITY), items);
            case "round_trip_ns":
                return roundTrip(spsc.apply(CAPACITY), spsc.apply(CAPACITY), items);
            default:
                int producers = caseName.charAt(5) - '0';
                int consumers = caseName.charAt(7) - '0';
                return transfer(new MpmcArrayQueue<>(CAPACITY), producers, consumers, items);
        }
    }

    private static Holder[] pool() {
        Holder[] pool = new Holder[POOL];
        for (int i = 0; i < POOL; i++) pool[i] = new Holder();
        return pool;
    }

    private static void push(MessagePassingQueue<Holder> queue, Holder holder, int threads) {
        for (int attempts = 0; !queue.relaxedOffer(holder); attempts++) {
            Harness.idle(threads, attempts);
        }
    }

    private static Holder pop(MessagePassingQueue<Holder> queue, int threads) {
        for (int attempts = 0; ; attempts++) {
            Holder holder = queue.relaxedPoll();
            if (holder != null) return holder;
            Harness.idle(threads, attempts);
        }
    }

    private static void produce(
            MessagePassingQueue<Holder> queue, long producer, long items, int threads) {
        Holder[] pool = pool();
        for (long number = 1; number <= items; number++) {
            Holder holder = pool[(int) number & (POOL - 1)];
            holder.value = producer << Harness.SHIFT | number;
            push(queue, holder, threads);
        }
    }

    private static void consume(
            MessagePassingQueue<Holder> queue, long items, Harness.Check check, int threads) {
        for (long taken = 0; taken < items; taken++) check.take(pop(queue, threads).value);
    }

    private static Harness.Outcome transfer(
            MessagePassingQueue<Holder> queue, int producers, int consumers, long items) {
        long unit = (long) producers * consumers;
        long total = Math.max(1, items / unit) * unit;
        int threads = producers + consumers;
        AtomicLong sum = new AtomicLong();
        AtomicLong violations = new AtomicLong();
        double duration = Harness.timed(threads, index -> {
            if (index < producers) {
                produce(queue, index, total / producers, threads);
                return;
            }
            Harness.Check check = new Harness.Check(consumers == 1);
            consume(queue, total / consumers, check, threads);
            sum.addAndGet(check.sum);
            violations.addAndGet(check.violations);
        });
        if (sum.get() != Harness.expectedSum(producers, total / producers)) {
            violations.incrementAndGet();
        }
        return new Harness.Outcome(total * 1e3 / duration, violations.get());
    }

    private static Harness.Outcome roundTrip(
            MessagePassingQueue<Holder> there, MessagePassingQueue<Holder> back, long items) {
        AtomicLong violations = new AtomicLong();
        double duration = Harness.timed(2, index -> {
            Harness.Check check = new Harness.Check(true);
            Holder holder = new Holder();
            for (long number = 1; number <= items; number++) {
                if (index == 0) {
                    holder.value = number;
                    push(there, holder, 2);
                    check.take(pop(back, 2).value);
                } else {
                    push(back, pop(there, 2), 2);
                }
            }
            violations.addAndGet(check.violations);
        });
        return new Harness.Outcome(duration / items, violations.get());
    }

    private static Harness.Outcome uncontended(MessagePassingQueue<Holder> queue, long items) {
        AtomicLong violations = new AtomicLong();
        double duration = Harness.timed(1, index -> {
            Harness.Check check = new Harness.Check(true);
            Holder holder = new Holder();
            for (long number = 1; number <= items; number++) {
                holder.value = number;
                push(queue, holder, 1);
                check.take(pop(queue, 1).value);
            }
            violations.addAndGet(check.violations);
        });
        return new Harness.Outcome(duration / items, violations.get());
    }
}
