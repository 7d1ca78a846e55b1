#define _GNU_SOURCE
#include "probe.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { runs = 15, trips = 400, warm_trips = 50, spins = 16 };

static cpu_set_t allowed;
static int allowed_count;

// Before main and before other initialisers, while nobody is pinned yet.
__attribute__((constructor(101))) static void read_allowed(void) {
    sched_getaffinity(0, sizeof allowed, &allowed);
    allowed_count = CPU_COUNT(&allowed);
}

int peers_processors(void) { return allowed_count; }

void peers_pin(int index) {
    int skip = index % allowed_count;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || skip-- > 0) continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        pthread_setaffinity_np(pthread_self(), sizeof one, &one);
        return;
    }
}

double peers_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

// How long this thread has wanted a processor and had none; 0 where the system does not say.
// Wall time less processor time would not do: a peer that sleeps when its ring is full loses
// nothing to others.
static double waited_ns(void) {
    FILE *file = fopen("/proc/thread-self/schedstat", "r");
    double waited = 0;
    if (file == NULL) return 0;
    if (fscanf(file, "%*s %lf", &waited) != 1) waited = 0;
    fclose(file);
    return waited;
}

static _Thread_local double began_ns, began_waited_ns;
static pthread_mutex_t share_lock = PTHREAD_MUTEX_INITIALIZER;
static double largest_share;

void peers_begin(void) {
    began_waited_ns = waited_ns();
    began_ns = peers_now_ns();
}

double peers_end(void) {
    double ended = peers_now_ns();
    double share = (waited_ns() - began_waited_ns) / (ended - began_ns);
    pthread_mutex_lock(&share_lock);
    if (share > largest_share) largest_share = share;
    pthread_mutex_unlock(&share_lock);
    return ended;
}

double peers_lost_share(void) {
    pthread_mutex_lock(&share_lock);
    double share = largest_share;
    largest_share = 0;
    pthread_mutex_unlock(&share_lock);
    return share;
}

void peers_idle(int threads, int attempts) {
    if (threads <= allowed_count) return;
    if (attempts >= spins) {
        sched_yield();
        return;
    }
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

// Lines have homes at different distances from the cores, so every run uses lines of its own.
struct words {
    _Alignas(256) _Atomic uint64_t ping;
    _Alignas(256) _Atomic uint64_t pong;
};

static struct words lines[runs];

static void *answer(void *argument) {
    (void)argument;
    peers_pin(1);
    for (int run = 0; run < runs; run++) {
        for (uint64_t trip = 1; trip <= warm_trips + trips; trip++) {
            while (atomic_load_explicit(&lines[run].ping, memory_order_acquire) != trip) {
            }
            atomic_store_explicit(&lines[run].pong, trip, memory_order_release);
        }
    }
    return NULL;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double ask_run(struct words *words) {
    double began = 0;
    for (uint64_t trip = 1; trip <= warm_trips + trips; trip++) {
        if (trip == warm_trips + 1) began = peers_now_ns();
        atomic_store_explicit(&words->ping, trip, memory_order_release);
        while (atomic_load_explicit(&words->pong, memory_order_acquire) != trip) {
        }
    }
    return (peers_now_ns() - began) / trips;
}

static void *ask(void *argument) {
    double durations[runs];
    pthread_t other;
    peers_pin(0);
    for (int run = 0; run < runs; run++) {
        atomic_store(&lines[run].ping, 0);
        atomic_store(&lines[run].pong, 0);
    }
    pthread_create(&other, NULL, answer, NULL);
    for (int run = 0; run < runs; run++) durations[run] = ask_run(&lines[run]);
    pthread_join(other, NULL);
    qsort(durations, runs, sizeof durations[0], ascending);
    *(double *)argument = durations[runs / 2];
    return NULL;
}

double peers_round_trip_ns(void) {
    if (allowed_count < 2) return 0;
    double result = 0;
    pthread_t asker;  // a thread of its own, so that the caller stays unpinned
    pthread_create(&asker, NULL, ask, &result);
    pthread_join(asker, NULL);
    return result;
}

struct team {
    void (*body)(int index, void *context);
    void *context;
    _Atomic int ready;
    _Atomic int go;
};

struct member {
    struct team *team;
    pthread_t thread;
    int index;
    double ended;
};

static void *work(void *argument) {
    struct member *member = argument;
    struct team *team = member->team;
    peers_pin(member->index);
    atomic_fetch_add(&team->ready, 1);
    while (!atomic_load(&team->go)) sched_yield();
    peers_begin();
    team->body(member->index, team->context);
    member->ended = peers_end();
    return NULL;
}

double peers_timed(int count, void (*body)(int, void *), void *context) {
    struct team team = {.body = body, .context = context};
    struct member *members = calloc((size_t)count, sizeof *members);
    for (int i = 0; i < count; i++) {
        members[i] = (struct member){.team = &team, .index = i};
        pthread_create(&members[i].thread, NULL, work, &members[i]);
    }
    while (atomic_load(&team.ready) != count) sched_yield();
    double began = peers_now_ns();
    atomic_store(&team.go, 1);
    double last = began;
    for (int i = 0; i < count; i++) {
        pthread_join(members[i].thread, NULL);
        if (members[i].ended > last) last = members[i].ended;
    }
    free(members);
    return last - began;
}

void peers_write(const void *bytes, long count) {
    for (const char *next = bytes; count > 0;) {
        long written = write(STDOUT_FILENO, next, (size_t)count);
        if (written <= 0) exit(1);
        next += written;
        count -= written;
    }
}
