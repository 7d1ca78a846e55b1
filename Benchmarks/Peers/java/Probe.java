/** The probe that all workers share, and pinning, which the JVM has not. */
final class Probe {
    private Probe() {}

    static native void pin(int index);

    static native int processors();

    static native double roundTripNs();

    static {
        System.load(System.getProperty("peers.probe"));
    }
}
