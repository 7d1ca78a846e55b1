/** The probe that all workers share, and pinning, which the JVM has not. */
final class Probe {
    private Probe() {}

    static native void pin(int index);

    static native int processors();

    static native void begin();

    static native void end();

    static native double lostShare();

    static native double roundTripNs();

    static {
        System.load(System.getProperty("peers.probe"));
    }
}
