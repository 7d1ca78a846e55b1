"""Worker processes that stay alive and run one sample per line."""

import dataclasses
import select
import subprocess

SAMPLE_SECONDS_MAX = 5


@dataclasses.dataclass
class Reply:
    """A worker's answer; `value` is None when it hung or died."""

    value: float | None
    before_ns: float = 0
    after_ns: float = 0
    violations: int = 1
    lost_share: float = 0


class Worker:
    """One process; it is started anew after a sample that did not end."""

    def __init__(self, command):
        self.command = command
        self.offers, self.skipped = [], []
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.offers, self.skipped = [], []
        for line in self.process.stdout:
            words = line.rstrip("\n").split(" ", 2)
            if words[0] == "ready":
                return
            if words[0] == "has":
                self.offers.append((words[1], words[2]))
            elif words[0] == "skip":
                self.skipped.append((words[1], words[2]))
        raise RuntimeError(f"{self.command[0]} ended before it was ready")

    def run(self, case, candidate, items):
        self.process.stdin.write(f"{case} {candidate} {items}\n")
        self.process.stdin.flush()
        readable, _, _ = select.select([self.process.stdout], [], [], SAMPLE_SECONDS_MAX)
        line = self.process.stdout.readline() if readable else ""
        words = line.split()
        if len(words) != 5:
            self.process.kill()
            self.process.wait()
            self.start()
            return Reply(None)
        value, before, after, violations, lost = words
        return Reply(float(value), float(before), float(after), int(violations), float(lost))

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class Pool:
    """All workers, addressed by what they offer."""

    def __init__(self, commands):
        self.workers, self.skipped = [], []
        for command in commands:
            try:
                self.workers.append(Worker(command))
            except (OSError, RuntimeError) as failure:
                self.skipped.append((command[0], str(failure)))
        self.offers = [offer for worker in self.workers for offer in worker.offers]
        self.skipped += [skip for worker in self.workers for skip in worker.skipped]
        self.owner = {offer: worker for worker in self.workers for offer in worker.offers}

    def run(self, case, candidate, items):
        return self.owner[case, candidate].run(case, candidate, items)

    def stop(self):
        for worker in self.workers:
            worker.stop()
