    00:00:00.000  mx                   0 of 2 slots in use
    00:00:00.000  host 1 > mx          message 0 has been in the queue for 30m
    00:00:00.000  host 1 > mx          message 0 waits 2m8s915ms, until 00:02:08.915
    00:01:00.000  host 0 > mx          message 64 arrives
    00:01:00.000  host 0 > mx          message 64 is tried: connection 1
    00:01:00.000  mx                   1 of 2 slots in use
    00:01:00.350  host 0 > mx          connection 1 is greeted
    00:01:02.350  host 0 > mx          message 64 is delivered, 2s350ms after it arrived
    00:01:02.350  host 0 > mx          connection 1 closes, 1 delivered
    00:01:02.350  mx                   0 of 2 slots in use
    00:02:08.915  host 1               a queue run begins
    00:02:08.925  host 1 > mx          message 0 is tried again: connection 2
    00:02:08.925  mx                   1 of 2 slots in use
    00:02:09.275  host 1 > mx          connection 2 is greeted
    00:02:11.275  host 1 > mx          message 0 is delivered, 32m11s275ms after it arrived
    00:02:11.275  host 1 > mx          connection 2 closes, 1 delivered
    00:02:11.275  mx                   0 of 2 slots in use
    00:05:00.000  mx                   no slot is open
    00:07:42.070  host 1 > mx          message 1 arrives
    00:07:42.070  host 1 > mx          message 1 is tried: connection 3
    00:07:42.120  host 1 > mx          message 1 fails: 421 at the greeting
    00:07:42.120  host 1 > mx          connection 3 closes, 0 delivered
    00:07:42.120  host 1 > mx          message 1 waits 24m26s795ms, until 00:32:08.915
    00:07:47.662  host 0 > mx          message 65 arrives
    00:07:47.662  host 0 > mx          message 65 is tried: connection 4
    00:07:47.712  host 0 > mx          message 65 fails: 421 at the greeting
    00:07:47.712  host 0 > mx          connection 4 closes, 0 delivered
    00:07:47.712  host 0 > mx          message 65 waits 20m15s253ms, until 00:28:02.965
    00:07:48.996  host 1 > mx          message 2 arrives
    00:07:48.996  host 1 > mx          message 2 is held back: it is not yet time to try this recipient
    00:07:48.996  host 1 > mx          message 2 waits 24m19s919ms, until 00:32:08.915
    00:15:00.000  mx                   0 of 2 slots in use
    00:28:02.965  host 0               a queue run begins
    00:28:02.974  host 0 > mx          message 65 is tried again: connection 5
    00:28:02.974  mx                   1 of 2 slots in use
    00:28:03.324  host 0 > mx          connection 5 is greeted
    00:28:05.324  host 0 > mx          message 65 is delivered, 20m17s662ms after it arrived
    00:28:05.324  host 0 > mx          connection 5 closes, 1 delivered
    00:28:05.324  mx                   0 of 2 slots in use
    00:32:08.915  host 1               a queue run begins
    00:32:08.931  host 1 > mx          message 1 is tried again: connection 6
    00:32:08.931  mx                   1 of 2 slots in use
    00:32:09.281  host 1 > mx          connection 6 is greeted
    00:32:11.281  host 1 > mx          message 1 is delivered, 24m29s211ms after it arrived
    00:32:11.281  host 1 > mx          message 2 is tried again: connection 6, still open
    00:32:13.281  host 1 > mx          message 2 is delivered, 24m24s285ms after it arrived
    00:32:13.281  host 1 > mx          connection 6 closes, 2 delivered
    00:32:13.281  mx                   0 of 2 slots in use
    01:02:08.915  host 1               a queue run begins
    02:00:00.000                       the run ends: of 5 messages 5 are delivered
