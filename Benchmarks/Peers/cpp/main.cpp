// Says what it has, then runs what standard input asks for: `CASE CANDIDATE ITEMS` a line.
#include <cstdio>
#include <iostream>
#include <map>

#include "harness.hpp"

namespace {

struct Registry {
    std::map<std::pair<std::string, std::string>, peers::Run> runs;
    std::map<std::string, std::string> skipped;
};

Registry &registry() {
    static Registry instance;
    return instance;
}

}  // namespace

void peers::add(std::string name, std::string case_name, Run run) {
    registry().runs[{case_name, name}] = run;
}

void peers::skip(std::string name, std::string reason) { registry().skipped[name] = reason; }

int main() {
    for (auto &[key, run] : registry().runs)
        std::printf("has %s %s\n", key.first.c_str(), key.second.c_str());
    for (auto &[name, reason] : registry().skipped)
        std::printf("skip %s %s\n", name.c_str(), reason.c_str());
    std::puts("ready");
    std::fflush(stdout);
    std::string case_name, candidate;
    uint64_t items;
    while (std::cin >> case_name >> candidate >> items) {
        auto found = registry().runs.find({case_name, candidate});
        if (found == registry().runs.end()) return 2;
        double before = peers_round_trip_ns();
        auto outcome = found->second(items);
        double after = peers_round_trip_ns();
        std::printf("%.4f %.1f %.1f %llu %.4f\n", outcome.value, before, after,
                    (unsigned long long)outcome.violations, peers_lost_share());
        std::fflush(stdout);
    }
}
