import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/** The same work and the same consumer check for every Java candidate. */
final class Harness {
    static final int SHIFT = 48;
    private static final long MASK = (1L << SHIFT) - 1;
    private static final int SPINS = 16;

    private Harness() {}

    /** Million operations a second or nanoseconds, and what the consumers found wrong. */
    record Outcome(double value, long violations) {}

    /** Nothing at all while every thread has a core, else 16 pauses and then a yield each. */
    static void idle(int threads, int attempts) {
        if (threads <= Probe.processors()) return;
        if (attempts < SPINS) Thread.onSpinWait();
        else Thread.yield();
    }

    /** A consumer's view: the order of each producer, and a sum over everything taken. */
    static final class Check {
        private final boolean seesAll;
        private final long[] last = new long[8];
        long violations;
        long sum;

        Check(boolean seesAll) {
            this.seesAll = seesAll;
        }

        void take(long value) {
            int producer = (int) (value >>> SHIFT) & 7;
            long number = value & MASK;
            boolean follows = seesAll ? number == last[producer] + 1 : number > last[producer];
            if (!follows) violations++;
            last[producer] = number;
            sum += value;
        }
    }

    static long expectedSum(int producers, long each) {
        long sum = 0;
        for (long p = 0; p < producers; p++) sum += each * (p << SHIFT) + each * (each + 1) / 2;
        return sum;
    }

    /** Starts pinned threads together and returns the nanoseconds until all have ended. */
    static double timed(int count, IntConsumer body) {
        AtomicLong ready = new AtomicLong();
        AtomicLong began = new AtomicLong();
        AtomicLong ended = new AtomicLong();
        Thread[] threads = new Thread[count];
        for (int i = 0; i < count; i++) {
            int index = i;
            threads[i] = new Thread(() -> {
                Probe.pin(index);
                ready.incrementAndGet();
                while (began.get() == 0) Thread.yield();
                Probe.begin();
                body.accept(index);
                ended.accumulateAndGet(System.nanoTime(), Math::max);
                Probe.end();
            });
            threads[i].start();
        }
        while (ready.get() != count) Thread.yield();
        began.set(System.nanoTime());
        try {
            for (Thread thread : threads) thread.join();
        } catch (InterruptedException interruption) {
            throw new IllegalStateException(interruption);
        }
        return ended.get() - began.get();
    }
}
