import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** Says what it has, then runs what standard input asks for: {@code CASE CANDIDATE ITEMS}. */
final class Worker {
    private static final String JCTOOLS = "JCTools";
    private static final String DISRUPTOR = "LMAX_Disruptor";
    private static final String[] QUEUE_CASES = {
        "spsc_8B", "mpmc_1p1c", "mpmc_2p1c", "mpmc_1p2c", "mpmc_2p2c", "mpmc_3p1c",
        "uncontended_ns", "round_trip_ns",
    };
    private static final String[] TOPOLOGIES = {
        "disruptor_unicast", "disruptor_pipeline", "disruptor_sequencer", "disruptor_multicast",
        "disruptor_diamond",
    };

    private Worker() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, BiFunction<String, Long, Harness.Outcome>> runs = new HashMap<>();
        offer(runs, JCTOOLS, "Queues", "libjctools-java", QUEUE_CASES);
        offer(runs, DISRUPTOR, "Topologies", "libdisruptor-java", TOPOLOGIES);
        System.out.println("ready");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            long items = Long.parseLong(words[2]);
            double before = Probe.roundTripNs();
            Harness.Outcome outcome = runs.get(words[1]).apply(words[0], items);
            double after = Probe.roundTripNs();
            System.out.printf(
                java.util.Locale.ROOT, "%.4f %.1f %.1f %d %.4f%n",
                outcome.value(), before, after, outcome.violations(), Probe.lostShare());
        }
    }

    /** The runner was compiled only if its library was there. */
    private static void offer(
            Map<String, BiFunction<String, Long, Harness.Outcome>> runs,
            String name, String runner, String debianPackage, String[] cases) {
        try {
            Object run = Class.forName(runner).getDeclaredConstructor().newInstance();
            @SuppressWarnings("unchecked")
            BiFunction<String, Long, Harness.Outcome> function =
                (BiFunction<String, Long, Harness.Outcome>) run;
            runs.put(name, function);
        } catch (ReflectiveOperationException missing) {
            System.out.println("skip " + name + " " + debianPackage + " is not installed");
            return;
        }
        for (String caseName : cases) System.out.println("has " + caseName + " " + name);
    }
}
