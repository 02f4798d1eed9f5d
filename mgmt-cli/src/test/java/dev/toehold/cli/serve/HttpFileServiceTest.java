package dev.toehold.cli.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFileServiceTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-23T10:00:00Z"));
    private static final String HOST = "Host: engine\r\n";
    private static final int MAX_UPLOAD = 100_000;

    @TempDir
    private Path parent;

    private Path root;

    @BeforeEach
    void makeFiles() throws IOException {
        root = Files.createDirectory(parent.resolve("root"));
        Files.writeString(root.resolve("a.txt"), "0123456789");
        Files.createDirectory(root.resolve("dir"));
        Files.writeString(root.resolve("dir/index.html"), "<p>");
        Files.writeString(root.resolve("mit platz.bin"), "x");
        Files.writeString(root.resolve(".hidden"), "secret");
        Files.writeString(parent.resolve("outside"), "secret");
        Files.createSymbolicLink(root.resolve("leak"), parent.resolve("outside"));
        Files.createSymbolicLink(root.resolve("up"), parent);
        Files.createSymbolicLink(root.resolve("alias"), root.resolve("a.txt"));
    }

    private String exchange(boolean writable, InputStream request) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new HttpFileService(root, writable, MAX_UPLOAD, CLOCK).serve(new Conversation(request, out));
        return out.toString(ISO_8859_1);
    }

    private String exchange(String request) throws IOException {
        return exchange(true, new ByteArrayInputStream(request.getBytes(ISO_8859_1)));
    }

    private static int status(String answer) {
        assertTrue(answer.startsWith("HTTP/1.1 "), answer);
        return Integer.parseInt(answer.substring(9, 12));
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    private static String header(String answer, String name) {
        return answer.lines()
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElse("");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void shouldServeAFile() throws IOException {
        String answer = exchange("GET /a.txt?query HTTP/1.1\r\n" + HOST + "\r\n");

        assertEquals(200, status(answer));
        assertEquals("0123456789", body(answer));
        assertEquals("10", header(answer, "Content-Length"));
        assertEquals("text/plain", header(answer, "Content-Type"));
        assertEquals("Mon, 23 Nov 2026 10:00:00 GMT", header(answer, "Date"));
        assertEquals("", header(answer, "Connection"));
    }

    @Test
    void shouldServeMoreThanOneBufferUnchanged() throws IOException {
        long seed = System.nanoTime();
        byte[] content = new byte[300_001];
        new Random(seed).nextBytes(content);
        Files.write(root.resolve("big"), content);

        String answer = exchange("GET /big HTTP/1.1\r\n" + HOST + "\r\n");

        assertArrayEquals(content, body(answer).getBytes(ISO_8859_1), "seed=" + seed);
    }

    @Test
    void shouldAnswerHeadWithoutBody() throws IOException {
        String answer = exchange("HEAD /a.txt HTTP/1.1\r\n" + HOST + "\r\n");

        assertEquals(200, status(answer));
        assertEquals("10", header(answer, "Content-Length"));
        assertEquals("", body(answer));
        assertEquals("", body(exchange("HEAD /none HTTP/1.1\r\n" + HOST + "\r\n")));
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0,     206, 0,          bytes 0-0/10",
        "bytes=2-4,     206, 234,        bytes 2-4/10",
        "bytes=8-,      206, 89,         bytes 8-9/10",
        "bytes=8-99,    206, 89,         bytes 8-9/10",
        "bytes=-3,      206, 789,        bytes 7-9/10",
        "bytes=-99,     206, 0123456789, bytes 0-9/10",
        "'bytes=0-1,3-4', 200, 0123456789, ''",
        "bytes=4-2,     200, 0123456789, ''",
        "bytes=-,       200, 0123456789, ''",
        "lines=0-1,     200, 0123456789, ''",
    })
    void shouldServeOneRange(String range, int status, String body, String contentRange) throws IOException {
        String answer = exchange("GET /a.txt HTTP/1.1\r\n" + HOST + "Range: " + range + "\r\n\r\n");

        assertEquals(status, status(answer));
        assertEquals(body, body(answer));
        assertEquals(contentRange, header(answer, "Content-Range"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=999999999999999999-"})
    void shouldRefuseRangesBeyondTheFile(String range) throws IOException {
        String answer = exchange("GET /a.txt HTTP/1.1\r\n" + HOST + "Range: " + range + "\r\n\r\n");

        assertEquals(416, status(answer));
        assertEquals("bytes */10", header(answer, "Content-Range"));
    }

    @Test
    void shouldHonourConditions() throws IOException {
        String tag = header(exchange("HEAD /a.txt HTTP/1.1\r\n" + HOST + "\r\n"), "ETag");
        String get = "GET /a.txt HTTP/1.1\r\n" + HOST;

        assertEquals(304, status(exchange(get + "If-None-Match: \"x\", W/" + tag + "\r\n\r\n")));
        assertEquals(200, status(exchange(get + "If-None-Match: \"x\"\r\n\r\n")));
        assertEquals(412, status(exchange(get + "If-Match: \"x\"\r\n\r\n")));
        assertEquals(206, status(exchange(get + "Range: bytes=1-2\r\nIf-Range: " + tag + "\r\n\r\n")));
        assertEquals(200, status(exchange(get + "Range: bytes=1-2\r\nIf-Range: \"x\"\r\n\r\n")));
        assertEquals(
                412,
                status(exchange("PUT /a.txt HTTP/1.1\r\n" + HOST + "If-None-Match: *\r\nContent-Length: 1\r\n\r\nx")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../outside",
                "/%2e%2e/outside",
                "/..%2foutside",
                "/dir/../../outside",
                "/leak",
                "/up/outside",
                "/up/root/a.txt%00",
                "/.hidden",
                "/none",
                "/a.txt/none",
            })
    void shouldShowNothingOutsideTheRoot(String target) throws IOException {
        String answer = exchange("GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n");

        assertEquals(404, status(answer));
        assertFalse(answer.contains("secret"));
    }

    @ParameterizedTest
    @CsvSource({"/dir,<p>", "/dir/,<p>", "/mit%20platz.bin,x", "/alias,0123456789", "http://engine/a.txt,0123456789"})
    void shouldFindFiles(String target, String body) throws IOException {
        assertEquals(body, body(exchange("GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n")));
    }

    @Test
    void shouldAnswerPipelinedRequestsInOrderUntilClose() throws IOException {
        String get = "GET /a.txt HTTP/1.1\r\n" + HOST;
        String answers = exchange("PUT /b HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\nabc\r\n"
                + get + "\r\n"
                + get.replace("a.txt", "b") + "Connection: Close\r\n\r\n"
                + get + "\r\n");

        assertEquals(201, status(answers));
        assertEquals(2, answers.split("HTTP/1.1 200 OK", -1).length - 1);
        assertTrue(answers.endsWith("abc"), answers);
    }

    @Test
    void shouldCloseAfterHttp10UnlessAsked() throws IOException {
        String two = "GET /a.txt HTTP/1.0\n%s\nGET /a.txt HTTP/1.0\n\n";

        String closed = exchange(two.formatted(""));
        String kept = exchange(two.formatted("Connection: keep-alive\n"));

        assertEquals("0123456789", body(closed));
        assertEquals("keep-alive", header(kept, "Connection"));
        assertEquals(2, kept.split("HTTP/1.1 200 OK", -1).length - 1);
    }

    @Test
    void shouldStoreWhatIsPut() throws IOException {
        assertEquals(201, status(exchange("PUT /dir/n HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\n\r\nhello")));
        assertEquals("hello", Files.readString(root.resolve("dir/n")));
        assertEquals(204, status(exchange("PUT /dir/n HTTP/1.1\r\n" + HOST + "Content-Length: 0\r\n\r\n")));
        assertEquals("", Files.readString(root.resolve("dir/n")));
    }

    @Test
    void shouldStoreChunks() throws IOException {
        String answer = exchange("PUT /c HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n"
                + "5;x=y\r\nhello\r\n1\r\n \r\n0A\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n"
                + "HEAD /c HTTP/1.1\r\n" + HOST + "\r\n");

        assertEquals(201, status(answer));
        assertEquals("hello 0123456789", Files.readString(root.resolve("c")));
        assertTrue(answer.contains("Content-Length: 16"), answer);
    }

    @Test
    void shouldAskForTheBodyOnlyWhenItIsWanted() throws IOException {
        String put = "PUT %s HTTP/1.1\r\n" + HOST + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n";

        assertTrue(exchange(put.formatted("/e") + "ab")
                .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n"));
        String refused = exchange(put.formatted("/no/where"));
        assertEquals(404, status(refused));
        assertEquals("close", header(refused, "Connection"));
        assertEquals(417, status(exchange(put.replace("100-continue", "magic").formatted("/e"))));
    }

    @Test
    void shouldLeaveNothingBehindABrokenUpload() throws IOException {
        List<String> before = names();

        assertThrows(
                EOFException.class,
                () -> exchange("PUT /a.txt HTTP/1.1\r\n" + HOST + "Content-Length: 9\r\n\r\nshort"));
        assertEquals(
                400,
                status(exchange(
                        "PUT /a.txt HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n")));

        assertEquals(before, names());
        assertEquals("0123456789", Files.readString(root.resolve("a.txt")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT /up/x HTTP/1.1;Host: e;Content-Length: 1|404",
                "PUT /none/x HTTP/1.1;Host: e;Content-Length: 1|404",
                "PUT /dir HTTP/1.1;Host: e;Content-Length: 1|409",
                "PUT / HTTP/1.1;Host: e;Content-Length: 1|409",
                "PUT /x HTTP/1.1;Host: e|411",
                "PUT /x HTTP/1.1;Host: e;Content-Length: 100001|413",
                "PUT /x HTTP/1.1;Host: e;Content-Range: bytes 0-0/2;Content-Length: 1|400",
                "POST /a.txt HTTP/1.1;Host: e|405",
                "BREW /a.txt HTTP/1.1;Host: e|501",
                "GET /a.txt HTTP/1.1;Host: e;Content-Length: 3|400",
                "GET /a.txt HTTP/2.0;Host: e|505",
                "GET /a.txt HTTP/1.1|400",
                "GET /a.txt HTTP/1.1;Host: e;Host: f|400",
                "GET /a.txt HTTP/1.1;Host : e|400",
                "GET /a.txt HTTP/1.1;Host: e; folded|400",
                "GET /a.txt  HTTP/1.1;Host: e|400",
                "GET a.txt HTTP/1.1;Host: e|400",
                "GET /%zz HTTP/1.1;Host: e|400",
                "GET /%ff HTTP/1.1;Host: e|400",
                "GET /a.txt|400",
                "nonsense|400",
                "PUT /x HTTP/1.1;Host: e;Content-Length: 1;Content-Length: 2|400",
                "PUT /x HTTP/1.1;Host: e;Content-Length: +1|400",
                "PUT /x HTTP/1.1;Host: e;Content-Length: 1;Transfer-Encoding: chunked|400",
                "PUT /x HTTP/1.0;Transfer-Encoding: chunked|400",
                "PUT /x HTTP/1.1;Host: e;Transfer-Encoding: gzip, chunked|501",
            })
    void shouldRefuseWhatItDoesNotServe(String head, int status) throws IOException {
        String answer = exchange(head.replace(";", "\r\n") + "\r\n\r\n");

        assertEquals(status, status(answer));
    }

    @Test
    void shouldBoundEverythingThatAPeerCanMakeLong() throws IOException {
        assertEquals(414, status(exchange("GET /" + "a".repeat(9000) + " HTTP/1.1\r\n" + HOST + "\r\n")));
        assertEquals(431, status(exchange("GET / HTTP/1.1\r\n" + HOST + "X: " + "a".repeat(9000) + "\r\n\r\n")));
        assertEquals(431, status(exchange("GET / HTTP/1.1\r\n" + HOST + "X: a\r\n".repeat(101) + "\r\n")));
        assertEquals(
                431, status(exchange("GET / HTTP/1.1\r\n" + ("X: " + "a".repeat(4000) + "\r\n").repeat(9) + "\r\n")));
        String chunks = "PUT /x HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n";
        assertEquals(413, status(exchange(chunks + "fffffffffffffff\r\n")));
        assertEquals(413, status(exchange(chunks + "C350\r\n" + "a".repeat(50_000) + "\r\nC351\r\n")));
        assertFalse(Files.exists(root.resolve("x")));
    }

    @Test
    void shouldNotTakePutsIntoAReadOnlyDirectory() throws IOException {
        String answer = exchange(
                false,
                new ByteArrayInputStream(
                        ("PUT /x HTTP/1.1\r\n" + HOST + "Content-Length: 1\r\n\r\na").getBytes(ISO_8859_1)));

        assertEquals(405, status(answer));
        assertEquals("GET, HEAD", header(answer, "Allow"));
    }

    @Test
    void shouldNotDependOnHowBytesArrive() throws IOException {
        byte[] request = ("PUT /s HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                        + "GET /s HTTP/1.1\r\n" + HOST + "\r\n")
                .getBytes(ISO_8859_1);
        InputStream single = new ByteArrayInputStream(request) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(1, length));
            }
        };

        String answers = exchange(true, single);

        assertEquals(201, status(answers));
        assertTrue(answers.endsWith("abc"), answers);
    }

    @Test
    void shouldAnswerNothingToNothing() throws IOException {
        assertEquals("", exchange(""));
        assertEquals("", exchange("\r\n"));
        assertEquals("", exchange("GET / HT"));
    }
}
