// The probe for the JVM, which cannot pin threads by itself.
#include <jni.h>

#include "probe.h"

JNIEXPORT void JNICALL Java_Probe_pin(JNIEnv *env, jclass type, jint index) { peers_pin(index); }

JNIEXPORT jint JNICALL Java_Probe_processors(JNIEnv *env, jclass type) {
    return peers_processors();
}

JNIEXPORT jdouble JNICALL Java_Probe_roundTripNs(JNIEnv *env, jclass type) {
    return peers_round_trip_ns();
}
