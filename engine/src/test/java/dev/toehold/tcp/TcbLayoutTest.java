package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Freezes the record: a change of any line here is a new version of the state file. */
class TcbLayoutTest {
    private static final String EXPECTED = """
            STATE=0
            FLAGS=4
            GENERATION=8
            INDEX=12
            LOCAL_HIGH=16
            LOCAL_LOW=24
            REMOTE_HIGH=32
            REMOTE_LOW=40
            LOCAL_PORT=48
            REMOTE_PORT=50
            FAMILY=52
            LCORE=53
            PORT_INDEX=54
            SESSION_ID=56
            LISTENER_INDEX=60
            ISS=64
            IRS=68
            SND_UNA=72
            SND_NXT=80
            SND_MAX=88
            SUBMITTED=96
            SND_WND=104
            MAX_SND_WND=108
            SND_WL1=112
            SND_WL2=116
            CWND=120
            SSTHRESH=124
            RCV_NXT=128
            RCV_POSITION=136
            RCV_EDGE=144
            RCV_GRANT=152
            LAST_ACK_SENT=160
            TS_RECENT=168
            LAST_TS_VAL=172
            DUP_ACKS_OWED=176
            PEER_MSS=178
            OUR_MSS=180
            SND_MSS=182
            RCV_MSS=184
            PMTU=186
            SND_WSCALE=188
            RCV_WSCALE=189
            DUP_ACKS=190
            TRAFFIC_CLASS=191
            REXMT_DEADLINE=192
            DELAYED_ACK_DEADLINE=200
            KEEPALIVE_DEADLINE=208
            TIME_WAIT_DEADLINE=216
            SRTT_US=224
            RTTVAR_US=228
            RTO_US=232
            MIN_RTT_US=236
            RANGES_INDEX=240
            SCOREBOARD_INDEX=244
            BACKOFF=248
            PERSIST_BACKOFF=249
            RECOVERY=250
            KEEPALIVE_PROBES=251
            TS_OFFSET=252
            FIN_SENT=256
            FIN_PENDING=264
            FIN_RECEIVED=272
            RECOVER=280
            RTT_POSITION=288
            MIN_RTT_NEXT_US=292
            RTT_START_NS=296
            CORK_DEADLINE=304
            LAST_RECEIVE_NS=312
            USER_DATA=320
            CREATED_SECONDS=328
            LAST_SEND_MS=332
            ROUND_END=336
            RACK_FACK=340
            RACK_XMIT_NS=344
            RACK_END=352
            UNDO_W_EST=356
            TLP_END=360
            MIN_RTT_SECONDS=364
            EPOCH_START_MS=368
            RACK_DSACK_ROUND=372
            UNDO_CWND=376
            UNDO_SSTHRESH=380
            W_MAX=384
            W_EST=388
            UNDO_RETRANSMITTED=392
            K_MS=396
            ACKED_BYTES=400
            PRR_DELIVERED=404
            PRR_OUT=408
            RECOVER_FS=412
            HYSTART_LAST_RTT_US=416
            HYSTART_RTT_US=420
            HYSTART_BASELINE_US=424
            HYSTART_SAMPLES=428
            HYSTART_ROUNDS=429
            RACK_REO_MULTIPLIER=430
            RACK_REO_PERSIST=431
            RACK_RTT_US=432
            USER_TIMEOUT_MS=436
            REXMT_START_MS=440
            TS_RECENT_AGE_SECONDS=444
            SEGMENTS_IN=448
            SEGMENTS_OUT=456
            BYTES_PLACED=464
            BYTES_RETRANSMITTED=472
            RETRANSMITS=480
            TIMEOUTS=484
            DSACKS_IN=486
            OUT_OF_ORDER_IN=488
            RCV_STEP=492
            CHALLENGE_COUNT=494
            TLP_FLAGS=495
            ECN_RECOVER=496
            CHALLENGE_SECOND=500
            PMTU_MINUTE=502
            RECEIVE_QUEUE_INDEX=504
            SEND_QUEUE_INDEX=508
            UNDO_W_MAX=416
            UNDO_K_MS=420
            UNDO_EPOCH_START_MS=424
            """;

    @Test
    void shouldKeepEveryOffset() throws IllegalAccessException {
        List<String> offsets = new ArrayList<>();
        for (Field field : TcbLayout.class.getFields()) {
            if (!field.getName().endsWith("LENGTH")) {
                offsets.add(field.getName() + "=" + field.getInt(null));
            }
        }
        assertEquals(EXPECTED.strip(), String.join("\n", offsets));
    }

    @Test
    void shouldFillEightCacheLines() {
        assertEquals(512, TcbLayout.LENGTH);
        assertEquals(TcbLayout.LENGTH, TcbLayout.SEND_QUEUE_INDEX + Integer.BYTES);
        assertEquals(256, TcbLayout.HOT_LENGTH);
        assertEquals(TcbLayout.HOT_LENGTH, TcbLayout.FIN_SENT);
    }
}
