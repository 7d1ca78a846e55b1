import Benchmark
import HotPaths

/// Times every hot path; one iteration does it `HotPath.step` times.
let benchmarks: @Sendable () -> Void = {
    for path in HotPath.all {
        Benchmark(
            "\(path.name), \(HotPath.step) × \(path.unit)",
            configuration: .init(
                metrics: [.wallClock],
                timeUnits: .nanoseconds,
                warmupIterations: 3,
                maxDuration: .seconds(1),
                maxIterations: 1000
            )
        ) { benchmark in
            let work = try path.prepared()
            work(HotPath.step)
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { work(HotPath.step) }
            benchmark.stopMeasurement()
        }
    }
}
