/// What the terminal shows for `sampleRecord()`.
let goldenSummary = #"""
    FAIL: a required guarantee was broken: A8 exactly-once effect
    orders-late-and-twice, driver ring, seed 18446744073709551615
    Does billing count every order once?
    Explained by: gyre explain A8

    Guarantees
                    guarantee            side             cases
      BROKEN   A8   exactly-once effect  application  1,234,000  blame: injected; 12 events twice
      unknown  A20  redelivery           broker               0  not required; no lease ended
      held     A4   no loss              broker       1,234,000

    Anomalies
          anomaly           side         blame     times  where
      A8  duplicate-effect  application  injected     12  orders/3 key a,"b"\r\nc\u{1B}[31m;\u{202E}é
      A1  phantom           broker       broker        1

    Thresholds
              threshold                           measured
      met     p99(apply.response) < 500ms           990 us
      MISSED  throughput > 20k/s           19,998 events/s
      void    recovery(late) < 2s                        -  the fault has no end

    Faults
      fault                          kind  at      eligible fired effective masked
      late                           delay deliver    1,000    20        19     18 2 not held back
      a,"b"\r\nc\u{1B}[31m;\u{202E}é crash                0     0         0      0 fired less than 1

    Events
      published 1,234,567, confirmed 1,234,000, delivered 1,300,000, applied 1,234,012, lost 0,
      duplicated 12, reordered 0

    Throughput
      19,998 events/s confirmed (target 20,000), 20,001 handled/s, 4.88 MiB/s
      ▃▆█  0 to 300 events/s over the run
      0 bytes allocated per event (jemalloc thread counters)

    Latency
                               phase        p50     p90     p99    p99.9      max  events
      apply billing  response  measured  501 us  901 us  991 us  1.00 ms  1.00 ms   1,000
      apply billing  service   measured  500 us  900 us  990 us   999 us  1.00 ms   1,000
      response: from the intended time (safe against coordinated omission); service: from the actual
      send

    Machine
      Test CPU, 2 processors, placement mixed (near, far)

    Warnings
      The cores moved during the run.

    Results: results/x
    Repeat: gyre run 'scenarios/it'\''s here.yaml' --seed 42

    """#
