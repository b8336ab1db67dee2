#!/usr/bin/env python3
"""The model of AWS's article "Exponential Backoff And Jitter" as a plain script, in the way of the one that AWS published
(aws-arch-backoff-simulator): a heap of messages and objects that answer one message with the next. Written anew.

    benches/peers/optimistic_lock.py 100    # full jitter, a hundred clients: means of a hundred runs

Clients all want to change one row, once. A client reads the version of the row and writes with it; the write works if
the version is still the same. Else the client waits and begins again. Times are in milliseconds.
"""

import heapq
import random
import sys

BASE, CAP = 5.0, 2000.0


def leg(rng):
    """How long a message takes."""
    return abs(rng.normalvariate(10.0, 2.0))


def full_jitter(rng, failures):
    """How long a client waits after so many failures, from one."""
    return rng.uniform(0.0, min(CAP, BASE * 2**failures))


class Row:
    """Answers at once, any number of clients. Like clients it returns messages: when, who receives it, with what."""

    def __init__(self, rng):
        self.rng = rng
        self.version = 0
        self.calls = 0

    def read(self, now, client):
        return now + leg(self.rng), client.receive_version, self.version

    def write(self, now, request):
        client, version = request
        self.calls += 1
        is_written = version == self.version
        if is_written:
            self.version += 1
        return now + leg(self.rng), client.receive_answer, is_written


class Client:
    """Tries until a write worked."""

    def __init__(self, rng, row):
        self.rng = rng
        self.row = row
        self.failures = 0

    def begin(self, at):
        return at + leg(self.rng), self.row.read, self

    def receive_version(self, now, version):
        return now + leg(self.rng), self.row.write, (self, version)

    def receive_answer(self, now, is_written):
        if is_written:
            return None
        self.failures += 1
        return self.begin(now + full_jitter(self.rng, self.failures))


def run(rng, clients):
    """One run: writes, and when the last client has its answer."""
    row = Row(rng)
    # Two messages of exactly one time could not be compared; the times are real numbers, so there are none.
    messages = []
    for _ in range(clients):
        heapq.heappush(messages, Client(rng, row).begin(0.0))
    now = 0.0
    while messages:
        now, receive, content = heapq.heappop(messages)
        message = receive(now, content)
        if message is not None:
            heapq.heappush(messages, message)
    return row.calls, now


def means(rng, clients, runs):
    """Calls and time of a run on average."""
    calls, times = zip(*(run(rng, clients) for _ in range(runs)))
    return sum(calls) / runs, sum(times) / runs


def main():
    calls, time = means(random.Random(421), int(sys.argv[1]), 100)
    print(f"{calls:.2f} calls, done after {time:.1f} ms")


if __name__ == "__main__":
    main()
