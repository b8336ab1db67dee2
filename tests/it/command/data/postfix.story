    00:00:00.000  mx                   0 of 2 slots in use
    00:00:00.000  host 1 > mx          message 0 has been in the queue for 30m
    00:00:00.000  host 1 > mx          message 0 waits 5m21s585ms, until 00:05:21.585
    00:01:00.000  host 0 > mx          message 64 arrives
    00:01:00.004  host 0 > mx          message 64 is tried: connection 1
    00:01:00.004  mx                   1 of 2 slots in use
    00:01:00.354  host 0 > mx          connection 1 is greeted
    00:01:02.354  host 0 > mx          message 64 is delivered, 2s354ms after it arrived
    00:01:02.354  host 0 > mx          connection 1 closes, 1 delivered
    00:01:02.354  mx                   0 of 2 slots in use
    00:05:00.000  mx                   no slot is open
    00:05:21.585  host 1               a queue run begins
    00:05:21.589  host 1 > mx          message 0 is tried again: connection 2
    00:05:21.647  host 1 > mx          message 0 fails: 421 at the greeting
    00:05:21.647  host 1 > mx          connection 2 closes, 0 delivered
    00:05:21.647  host 1 > mx          message 0 waits 40m800ms, until 00:45:22.447
    00:07:42.070  host 1 > mx          message 1 arrives
    00:07:42.074  host 1 > mx          message 1 is tried: connection 3
    00:07:42.143  host 1 > mx          message 1 fails: 421 at the greeting
    00:07:42.143  host 1 > mx          connection 3 closes, 0 delivered
    00:07:42.143  host 1 > mx          message 1 waits 7m40s200ms, until 00:15:22.343
    00:07:47.662  host 0 > mx          message 65 arrives
    00:07:47.666  host 0 > mx          message 65 is tried: connection 4
    00:07:47.716  host 0 > mx          message 65 fails: 421 at the greeting
    00:07:47.716  host 0 > mx          connection 4 closes, 0 delivered
    00:07:47.716  host 0 > mx          message 65 waits 6m52s200ms, until 00:14:39.916
    00:07:48.996  host 1 > mx          message 2 arrives
    00:07:49.000  host 1 > mx          message 2 is tried: connection 5
    00:07:49.058  host 1 > mx          message 2 fails: 421 at the greeting
    00:07:49.058  host 1 > mx          connection 5 closes, 0 delivered
    00:07:49.058  host 1 > mx          message 2 waits 7m33s200ms, until 00:15:22.258
    00:14:39.916  host 0               a queue run begins
    00:14:39.920  host 0 > mx          message 65 is tried again: connection 6
    00:14:39.990  host 0 > mx          message 65 fails: 421 at the greeting
    00:14:39.990  host 0 > mx          connection 6 closes, 0 delivered
    00:14:39.990  host 0 > mx          message 65 waits 10m200ms, until 00:24:40.190
    00:15:00.000  mx                   0 of 2 slots in use
    00:15:22.258  host 1               a queue run begins
    00:15:22.262  host 1 > mx          message 1 is tried again: connection 7
    00:15:22.262  mx                   1 of 2 slots in use
    00:15:22.262  host 1 > mx          message 2 is tried again: connection 8
    00:15:22.262  mx                   2 of 2 slots in use
    00:15:22.612  host 1 > mx          connection 7 is greeted
    00:15:22.612  host 1 > mx          connection 8 is greeted
    00:15:24.612  host 1 > mx          message 1 is delivered, 7m42s541ms after it arrived
    00:15:24.612  host 1 > mx          connection 7 closes, 1 delivered
    00:15:24.612  mx                   1 of 2 slots in use
    00:15:24.612  host 1 > mx          message 2 is delivered, 7m35s616ms after it arrived
    00:15:24.612  host 1 > mx          connection 8 closes, 1 delivered
    00:15:24.612  mx                   0 of 2 slots in use
    00:24:40.190  host 0               a queue run begins
    00:24:40.194  host 0 > mx          message 65 is tried again: connection 9
    00:24:40.194  mx                   1 of 2 slots in use
    00:24:40.544  host 0 > mx          connection 9 is greeted
    00:24:42.544  host 0 > mx          message 65 is delivered, 16m54s882ms after it arrived
    00:24:42.544  host 0 > mx          connection 9 closes, 1 delivered
    00:24:42.544  mx                   0 of 2 slots in use
    00:45:23.212  host 1               a queue run begins
    00:45:23.216  host 1 > mx          message 0 is tried again: connection 10
    00:45:23.216  mx                   1 of 2 slots in use
    00:45:23.566  host 1 > mx          connection 10 is greeted
    00:45:25.566  host 1 > mx          message 0 is delivered, 1h15m25s566ms after it arrived
    00:45:25.566  host 1 > mx          connection 10 closes, 1 delivered
    00:45:25.566  mx                   0 of 2 slots in use
    02:00:00.000                       the run ends: of 5 messages 5 are delivered
