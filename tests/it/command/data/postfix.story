    00:00:00.000  mx                   0 of 2 slots in use
    00:00:00.000  host 1 > mx          message 0 has been in the queue for 30m
    00:00:00.000  host 1 > mx          message 0 waits 5m21s485ms, until 00:05:21.485
    00:01:00.000  host 0 > mx          message 64 arrives
    00:01:00.000  host 0 > mx          message 64 is tried: connection 1
    00:01:00.000  mx                   1 of 2 slots in use
    00:01:00.350  host 0 > mx          connection 1 is greeted
    00:01:02.350  host 0 > mx          message 64 is delivered, 2s350ms after it arrived
    00:01:02.350  host 0 > mx          connection 1 closes, 1 delivered
    00:01:02.350  mx                   0 of 2 slots in use
    00:05:00.000  mx                   no slot is open
    00:05:21.485  host 1 > mx          message 0 is tried again: connection 2
    00:05:21.535  host 1 > mx          message 0 fails: 421 at the greeting
    00:05:21.535  host 1 > mx          connection 2 closes, 0 delivered
    00:05:21.535  host 1 > mx          message 0 waits 39m59s950ms, until 00:45:21.485
    00:07:42.070  host 1 > mx          message 1 arrives
    00:07:42.070  host 1 > mx          message 1 is tried: connection 3
    00:07:42.120  host 1 > mx          message 1 fails: 421 at the greeting
    00:07:42.120  host 1 > mx          connection 3 closes, 0 delivered
    00:07:42.120  host 1 > mx          message 1 waits 7m39s365ms, until 00:15:21.485
    00:07:47.662  host 0 > mx          message 65 arrives
    00:07:47.662  host 0 > mx          message 65 is tried: connection 4
    00:07:47.712  host 0 > mx          message 65 fails: 421 at the greeting
    00:07:47.712  host 0 > mx          connection 4 closes, 0 delivered
    00:07:47.712  host 0 > mx          message 65 waits 6m52s782ms, until 00:14:40.494
    00:07:48.996  host 1 > mx          message 2 arrives
    00:07:48.996  host 1 > mx          message 2 is tried: connection 5
    00:07:49.046  host 1 > mx          message 2 fails: 421 at the greeting
    00:07:49.046  host 1 > mx          connection 5 closes, 0 delivered
    00:07:49.046  host 1 > mx          message 2 waits 7m32s439ms, until 00:15:21.485
    00:14:40.494  host 0 > mx          message 65 is tried again: connection 6
    00:14:40.544  host 0 > mx          message 65 fails: 421 at the greeting
    00:14:40.544  host 0 > mx          connection 6 closes, 0 delivered
    00:14:40.544  host 0 > mx          message 65 waits 9m59s950ms, until 00:24:40.494
    00:15:00.000  mx                   0 of 2 slots in use
    00:15:21.485  host 1 > mx          message 2 is tried again: connection 7
    00:15:21.485  mx                   1 of 2 slots in use
    00:15:21.487  host 1               a queue run begins
    00:15:21.487  host 1 > mx          message 1 is tried again: connection 8
    00:15:21.487  mx                   2 of 2 slots in use
    00:15:21.835  host 1 > mx          connection 7 is greeted
    00:15:21.837  host 1 > mx          connection 8 is greeted
    00:15:23.835  host 1 > mx          message 2 is delivered, 7m34s839ms after it arrived
    00:15:23.835  host 1 > mx          connection 7 closes, 1 delivered
    00:15:23.835  mx                   1 of 2 slots in use
    00:15:23.837  host 1 > mx          message 1 is delivered, 7m41s767ms after it arrived
    00:15:23.837  host 1 > mx          connection 8 closes, 1 delivered
    00:15:23.837  mx                   0 of 2 slots in use
    00:24:40.494  host 0 > mx          message 65 is tried again: connection 9
    00:24:40.494  mx                   1 of 2 slots in use
    00:24:40.844  host 0 > mx          connection 9 is greeted
    00:24:42.844  host 0 > mx          message 65 is delivered, 16m55s182ms after it arrived
    00:24:42.844  host 0 > mx          connection 9 closes, 1 delivered
    00:24:42.844  mx                   0 of 2 slots in use
    00:45:21.485  host 1 > mx          message 0 is tried again: connection 10
    00:45:21.485  mx                   1 of 2 slots in use
    00:45:21.835  host 1 > mx          connection 10 is greeted
    00:45:23.835  host 1 > mx          message 0 is delivered, 1h15m23s835ms after it arrived
    00:45:23.835  host 1 > mx          connection 10 closes, 1 delivered
    00:45:23.835  mx                   0 of 2 slots in use
    02:00:00.000                       the run ends: of 5 messages 5 are delivered
