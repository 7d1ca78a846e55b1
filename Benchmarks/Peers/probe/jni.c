// The probe for the JVM, which cannot pin threads by itself.
#include <jni.h>

#include "probe.h"

JNIEXPORT void JNICALL Java_Probe_pin(JNIEnv *env, jclass type, jint index) { peers_pin(index); }

JNIEXPORT jint JNICALL Java_Probe_processors(JNIEnv *env, jclass type) {
    return peers_processors();
}

JNIEXPORT void JNICALL Java_Probe_begin(JNIEnv *env, jclass type) { peers_begin(); }

JNIEXPORT void JNICALL Java_Probe_end(JNIEnv *env, jclass type) { peers_end(); }

JNIEXPORT jdouble JNICALL Java_Probe_lostShare(JNIEnv *env, jclass type) {
    return peers_lost_share();
}

JNIEXPORT jdouble JNICALL Java_Probe_roundTripNs(JNIEnv *env, jclass type) {
    return peers_round_trip_ns();
}
