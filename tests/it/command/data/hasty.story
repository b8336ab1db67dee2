    00:00:00.000  mx                   0 of 2 slots in use
    00:00:00.000  host 1 > mx          message 0 has been in the queue for 30m
    00:00:00.000  host 1 > mx          message 0 waits 2m, until 00:02:00.000
    00:01:00.000  host 0 > mx          message 64 arrives
    00:01:00.000  host 0 > mx          message 64 is tried: connection 1
    00:01:00.000  mx                   1 of 2 slots in use
    00:01:00.350  host 0 > mx          connection 1 is greeted
    00:01:02.350  host 0 > mx          message 64 is delivered, 2s350ms after it arrived
    00:01:02.350  host 0 > mx          connection 1 closes, 1 delivered
    00:01:02.350  mx                   0 of 2 slots in use
    00:02:00.000  host 1 > mx          message 0 is tried again: connection 2
    00:02:00.000  mx                   1 of 2 slots in use
    00:02:00.350  host 1 > mx          connection 2 is greeted
    00:02:02.350  host 1 > mx          message 0 is delivered, 32m2s350ms after it arrived
    00:02:02.350  host 1 > mx          connection 2 closes, 1 delivered
    00:02:02.350  mx                   0 of 2 slots in use
    00:05:00.000  mx                   no slot is open
    00:07:42.070  host 1 > mx          message 1 arrives
    00:07:42.070  host 1 > mx          message 1 is tried: connection 3
    00:07:42.120  host 1 > mx          message 1 fails: 421 at the greeting
    00:07:42.120  host 1 > mx          connection 3 closes, 0 delivered
    00:07:42.120  host 1 > mx          message 1 waits 2m, until 00:09:42.120
    00:07:47.662  host 0 > mx          message 65 arrives
    00:07:47.662  host 0 > mx          message 65 is tried: connection 4
    00:07:47.712  host 0 > mx          message 65 fails: 421 at the greeting
    00:07:47.712  host 0 > mx          connection 4 closes, 0 delivered
    00:07:47.712  host 0 > mx          message 65 waits 2m, until 00:09:47.712
    00:07:48.996  host 1 > mx          message 2 arrives
    00:07:48.996  host 1 > mx          message 2 is tried: connection 5
    00:07:49.046  host 1 > mx          message 2 fails: 421 at the greeting
    00:07:49.046  host 1 > mx          connection 5 closes, 0 delivered
    00:07:49.046  host 1 > mx          message 2 waits 2m, until 00:09:49.046
    00:09:42.120  host 1 > mx          message 1 is tried again: connection 6
    00:09:42.170  host 1 > mx          message 1 fails: 421 at the greeting
    00:09:42.170  host 1 > mx          connection 6 closes, 0 delivered
    00:09:42.170  host 1 > mx          message 1 waits 3m, until 00:12:42.170
    00:09:47.712  host 0 > mx          message 65 is tried again: connection 7
    00:09:47.762  host 0 > mx          message 65 fails: 421 at the greeting
    00:09:47.762  host 0 > mx          connection 7 closes, 0 delivered
    00:09:47.762  host 0 > mx          message 65 waits 3m, until 00:12:47.762
    00:09:49.046  host 1 > mx          message 2 is tried again: connection 8
    00:09:49.096  host 1 > mx          message 2 fails: 421 at the greeting
    00:09:49.096  host 1 > mx          connection 8 closes, 0 delivered
    00:09:49.096  host 1 > mx          message 2 waits 3m, until 00:12:49.096
    00:12:42.170  host 1 > mx          message 1 is tried again: connection 9
    00:12:42.220  host 1 > mx          message 1 fails: 421 at the greeting
    00:12:42.220  host 1 > mx          connection 9 closes, 0 delivered
    00:12:42.220  host 1 > mx          message 1 bounces: tried too often
    00:12:47.762  host 0 > mx          message 65 is tried again: connection 10
    00:12:47.812  host 0 > mx          message 65 fails: 421 at the greeting
    00:12:47.812  host 0 > mx          connection 10 closes, 0 delivered
    00:12:47.812  host 0 > mx          message 65 bounces: tried too often
    00:12:49.096  host 1 > mx          message 2 is tried again: connection 11
    00:12:49.146  host 1 > mx          message 2 fails: 421 at the greeting
    00:12:49.146  host 1 > mx          connection 11 closes, 0 delivered
    00:12:49.146  host 1 > mx          message 2 bounces: tried too often
    00:15:00.000  mx                   0 of 2 slots in use
    02:00:00.000                       the run ends: of 5 messages 2 are delivered, 3 bounced
