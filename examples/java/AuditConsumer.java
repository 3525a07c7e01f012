package voiceworker;

import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import voiceworker.VoiceWorkerClient.Json;

/** Has a handler do something with every audit event, and keeps what is missing. Stopped by {@link #close}. */
public final class AuditConsumer implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("voiceworker.audit");
    private static final String EXCHANGE = "voice-audit";
    private static final int BATCH = 100;
    // Without a delivery, until what has come is committed.
    private static final Duration PATIENCE = Duration.ofMillis(100);
    private static final Duration OPENING = Duration.ofSeconds(6);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    // Nothing is dropped, however often the process is killed, and where a policy limits the queue the worker waits.
    // One consumer at a time: in order, also while RabbitMQ has not noticed that the connection before is dead.
    private static final Map<String, Object> ARGUMENTS = Map.of(
            "x-queue-type", "quorum", "x-delivery-limit", Integer.MAX_VALUE, "x-overflow", "reject-publish",
            "x-single-active-consumer", true);
    // Behind the last delivery of a connection.
    private static final Delivery END = new Delivery(null, null, new byte[0]);

    /**
     * An event, as it came.
     *
     * @param type its AMQP type, such as {@code CallVoiceResolved}
     * @param eventId the same whenever it comes again
     * @param sequence 1, 2, 3 … in its stream
     * @param isReplay an operator has had it published again
     * @param isAltered its hash does not follow on the event before: somebody has altered one of the two
     * @param body of the message, JSON
     */
    public record Event(
            String type, String eventId, String stream, long sequence, boolean isReplay, boolean isAltered,
            String body) {
    }

    /** A part of a stream that is missing. An audit replay fills what the store still has. */
    public record Gap(String stream, long first, long last) {
    }

    /**
     * Gets each event once. When it throws, what came with that event is not noted as handled, and all of it comes
     * again: an event is never left out. It also comes again when the process is killed before the ledger is written,
     * so what the handler writes elsewhere has to bear that, by the event's id.
     */
    @FunctionalInterface
    public interface Handler {
        /** Does something with an event. */
        void handle(Event event) throws Exception;
    }

    private final List<ConnectionFactory> nodes = new ArrayList<>();
    private final String queue;
    private final Ledger ledger;
    private final Handler handler;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile Socket socket;
    private Duration pause = FIRST_PAUSE;

    /**
     * Begins to consume in a thread of its own, until it is closed; what fails is logged and tried again.
     *
     * @param urls where RabbitMQ is: an AMQP URI for each node
     * @param queue its own, which it declares and binds to all audit events
     * @param ledger which events have been handled; one for each queue
     */
    public AuditConsumer(List<String> urls, String queue, Ledger ledger, Handler handler) {
        urls.forEach(url -> nodes.add(VoiceWorkerClient.nodeOf(url)));
        this.queue = queue;
        this.ledger = ledger;
        this.handler = handler;
        thread = new Thread(this::run, "voice-worker-audit");
        thread.start();
    }

    /** Stops behind the event that is being handled, and waits for that. What is not committed comes again. */
    @Override
    public void close() {
        closed.countDown();
        hangUp();
        if (Thread.currentThread() == thread) {
            // By the handler, which would wait for itself.
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!isClosed(Duration.ZERO)) {
            ConnectionFactory node = nodes.remove(0);
            nodes.add(node);
            try {
                consume(node);
            } catch (NotHandled failed) {
                LOG.log(System.Logger.Level.ERROR, "An event could not be handled: it comes again", failed.getCause());
            } catch (IOException | TimeoutException | InterruptedException | RuntimeException lost) {
                if (!isClosed(Duration.ZERO)) {
                    LOG.log(System.Logger.Level.WARNING, "{0} is not consumed from {1}: {2}", queue, node.getHost(),
                            VoiceWorkerClient.textOf(lost));
                }
            } finally {
                hangUp();
            }
            if (isClosed(pause)) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private boolean isClosed(Duration patience) {
        try {
            return closed.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            return true;
        }
    }

    private void consume(ConnectionFactory shared)
            throws IOException, TimeoutException, InterruptedException, NotHandled {
        ConnectionFactory node = shared.clone();
        node.setSocketConfigurator(connecting -> {
            VoiceWorkerClient.configure(connecting);
            socket = connecting;
            if (isClosed(Duration.ZERO)) {
                connecting.close();
            }
        });
        BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
        Connection connection = VoiceWorkerClient.connect(node, null, "voice-worker-audit");
        connection.addShutdownListener(cause -> deliveries.add(END));
        Channel channel = open(connection, deliveries);
        LOG.log(System.Logger.Level.INFO, "Consuming {0}", queue);
        for (long last = handleBatch(deliveries); last > 0; last = handleBatch(deliveries)) {
            channel.basicAck(last, true);
            pause = FIRST_PAUSE;
        }
        throw new IOException("the connection has ended");
    }

    private Channel open(Connection connection, BlockingQueue<Delivery> deliveries) throws IOException {
        Channel channel = connection.createChannel();
        channel.addShutdownListener(cause -> deliveries.add(END));
        channel.exchangeDeclare(EXCHANGE, "fanout", true);
        channel.queueDeclare(queue, true, false, false, ARGUMENTS);
        channel.queueBind(queue, EXCHANGE, "");
        channel.basicQos(5 * BATCH);
        CancelCallback onCancel = tag -> deliveries.add(END);
        channel.basicConsume(queue, false, (tag, delivery) -> deliveries.add(delivery), onCancel);
        return channel;
    }

    /** Commits, and returns the last tag, which is to be acknowledged with all before it; 0 at the end. */
    private long handleBatch(BlockingQueue<Delivery> deliveries)
            throws IOException, InterruptedException, NotHandled {
        Delivery delivery = deliveries.take();
        Ledger.Transaction transaction = ledger.begin();
        long last = 0;
        for (int i = 0; delivery != null && delivery != END && !isClosed(Duration.ZERO); i++) {
            handle(transaction, delivery);
            last = delivery.getEnvelope().getDeliveryTag();
            delivery = i + 1 == BATCH ? null : deliveries.poll(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        }
        transaction.commit();
        // The end is seen again by the next batch.
        if (delivery == END && last > 0) {
            deliveries.add(END);
        }
        return last;
    }

    private void handle(Ledger.Transaction transaction, Delivery delivery) throws NotHandled {
        Map<String, Object> headers = delivery.getProperties().getHeaders();
        boolean isReplay = headers != null && Boolean.TRUE.equals(headers.get("x-replay"));
        try {
            Event event = transaction.take(delivery.getProperties().getType(), delivery.getBody(), isReplay);
            if (event != null) {
                handler.handle(event);
            }
        } catch (Exception failed) {
            throw new NotHandled(failed);
        }
    }

    private static final class NotHandled extends Exception {
        private static final long serialVersionUID = 1L;

        NotHandled(Exception cause) {
            super(cause);
        }
    }

    private void hangUp() {
        Socket open = socket;
        if (open != null) {
            try {
                open.close();
            } catch (IOException ignored) {
                // It is closed.
            }
        }
    }

    /**
     * Keeps in a file, for each stream, the highest sequence that was handled, its hash, and the gaps below. One
     * consumer for each. The file has a line for each commit; it is written anew when it has many that are out of date.
     */
    public static final class Ledger implements AutoCloseable {
        private static final int SHORT = 10_000;

        private record Progress(long last, String hash, List<long[]> gaps) {
            private static final Progress NONE = new Progress(0, null, List.of());

            /** Null for a repeat. */
            Progress with(long sequence, String hashOfIt) {
                if (sequence <= last) {
                    List<long[]> filled = without(gaps, sequence);
                    return filled == null ? null : new Progress(last, hash, filled);
                }
                List<long[]> all = new ArrayList<>(gaps);
                if (sequence > last + 1) {
                    all.add(new long[] {last + 1, sequence - 1});
                }
                return new Progress(sequence, hashOfIt, all);
            }

            // The gaps without a sequence; null where it is in none.
            private static List<long[]> without(List<long[]> gaps, long sequence) {
                List<long[]> left = new ArrayList<>();
                boolean isFilled = false;
                for (long[] gap : gaps) {
                    if (sequence < gap[0] || sequence > gap[1]) {
                        left.add(gap);
                        continue;
                    }
                    isFilled = true;
                    if (gap[0] < sequence) {
                        left.add(new long[] {gap[0], sequence - 1});
                    }
                    if (sequence < gap[1]) {
                        left.add(new long[] {sequence + 1, gap[1]});
                    }
                }
                return isFilled ? left : null;
            }
        }

        private final Path path;
        private final Map<String, Progress> streams = new HashMap<>();
        private FileChannel file;
        private long end;
        private int lines;

        /** Opens the file, or makes it. */
        public Ledger(Path path) throws IOException {
            this.path = path;
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                readAll();
                syncFolder();
            } catch (IOException | RuntimeException failed) {
                file.close();
                throw failed;
            }
        }

        private void readAll() throws IOException {
            byte[] all = Files.readAllBytes(path);
            for (int i = 0; i < all.length; i++) {
                if (all[i] == '\n') {
                    streams.putAll(read(Arrays.copyOfRange(all, (int) end, i)));
                    end = i + 1;
                    lines++;
                }
            }
            // A line without an end was being written when the process was killed: it was not committed.
            file.truncate(end);
        }

        /** What is missing, in the order of streams and sequences. */
        public synchronized List<Gap> gaps() {
            List<Gap> gaps = new ArrayList<>();
            new TreeMap<>(streams).forEach((stream, progress) ->
                    progress.gaps().forEach(gap -> gaps.add(new Gap(stream, gap[0], gap[1]))));
            return gaps;
        }

        @Override
        public synchronized void close() throws IOException {
            file.close();
        }

        Transaction begin() {
            return new Transaction();
        }

        private synchronized Progress progress(String stream) {
            return streams.getOrDefault(stream, Progress.NONE);
        }

        private synchronized void commit(Map<String, Progress> changed) throws IOException {
            // A line that could not be written to its end is overwritten by the next one.
            end = append(file, end, changed);
            lines++;
            streams.putAll(changed);
            if (lines > SHORT && lines > 2 * streams.size()) {
                shorten();
            }
        }

        // The old file stays until the new one is complete.
        private void shorten() throws IOException {
            Path complete = path.resolveSibling(path.getFileName() + ".new");
            FileChannel other = FileChannel.open(complete, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            long endOfOther;
            try {
                endOfOther = append(other, 0, streams);
                Files.move(complete, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException | RuntimeException failed) {
                other.close();
                throw failed;
            }
            file.close();
            file = other;
            end = endOfOther;
            lines = 1;
            syncFolder();
        }

        // So that the name is still that of this file after a power cut; Windows has no such thing.
        private void syncFolder() throws IOException {
            Path folder = path.toAbsolutePath().getParent();
            if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
                    names.force(true);
                }
            }
        }

        private static long append(FileChannel file, long end, Map<String, Progress> changed) throws IOException {
            Map<String, Object> line = new LinkedHashMap<>();
            changed.forEach((stream, progress) -> {
                Map<String, Object> state = new LinkedHashMap<>();
                state.put("last", progress.last());
                state.put("hash", progress.hash());
                state.put("gaps", progress.gaps().stream().map(gap -> List.of(gap[0], gap[1])).toList());
                line.put(stream, state);
            });
            ByteBuffer bytes = ByteBuffer.wrap((Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8));
            file.truncate(end);
            long at = end;
            while (bytes.hasRemaining()) {
                at += file.write(bytes, at);
            }
            file.force(false);
            return at;
        }

        private static Map<String, Progress> read(byte[] line) throws IOException {
            Map<String, Progress> changed = new HashMap<>();
            try {
                Json.read(line).members().forEach((stream, state) -> {
                    Json json = Json.of(state);
                    List<long[]> gaps = new ArrayList<>();
                    json.list("gaps").forEach(gap -> gaps.add(gap.numbers()));
                    changed.put((String) stream, new Progress(json.number("last"), json.textOrNull("hash"), gaps));
                });
            } catch (Json.Unreadable unreadable) {
                throw new IOException("it is no ledger", unreadable);
            }
            return changed;
        }

        /** What happens between a delivery and its acknowledgement; the ledger has none of it before the commit. */
        final class Transaction {
            private final Map<String, Progress> changed = new LinkedHashMap<>();

            void commit() throws IOException {
                if (!changed.isEmpty()) {
                    Ledger.this.commit(changed);
                }
            }

            /** Notes an event as handled and returns it; null for a repeat. The rule of sequences. */
            Event take(String type, byte[] body, boolean isReplay) {
                Json event = Json.read(body);
                String stream = event.text("stream");
                long sequence = event.number("sequence");
                Progress before = changed.getOrDefault(stream, progress(stream));
                Progress after = before.with(sequence, event.textOrNull("hash"));
                if (after == null) {
                    return null;
                }
                if (sequence > before.last() + 1) {
                    LOG.log(System.Logger.Level.WARNING, "{0} {1} to {2} are missing", stream,
                            Long.toString(before.last() + 1), Long.toString(sequence - 1));
                }
                boolean isAltered = !Chain.follows(type, event, before.last(), before.hash());
                if (isAltered) {
                    LOG.log(System.Logger.Level.ERROR,
                            "{0} {1} does not follow on the event before: one of them was altered",
                            stream, Long.toString(sequence));
                }
                changed.put(stream, after);
                return new Event(type, event.text("eventId"), stream, sequence, isReplay, isAltered,
                        new String(body, StandardCharsets.UTF_8));
            }
        }
    }

    /** Whether an event follows on the one before in its stream: "The chain of hashes" of docs/messages.md. */
    private static final class Chain {

        // False when the event or the one before has been altered; true when not, or when there is nothing to compare.
        static boolean follows(String type, Json event, long last, String lastHash) {
            String hash = event.textOrNull("hash");
            long sequence = event.number("sequence");
            if (hash == null || type == null || type.equals("HistoryLost") || sequence != last + 1) {
                return true;
            }
            Map<Object, Object> own = new HashMap<>(event.members());
            List.of("eventId", "stream", "sequence", "hash").forEach(own::remove);
            StringBuilder text = new StringBuilder();
            Json.write(inOrder(own), text, ", ", ": ");
            String lines = String.join("\n", event.text("eventId"), event.text("stream"), Long.toString(sequence), type,
                    event.text("occurredAt"), text);
            try {
                MessageDigest sum = MessageDigest.getInstance("SHA-256");
                sum.update(lastHash == null ? new byte[32] : HexFormat.of().parseHex(lastHash));
                return hash.equals(HexFormat.of().formatHex(sum.digest(lines.getBytes(StandardCharsets.UTF_8))));
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        // The order of keys that PostgreSQL's jsonb has.
        private static Object inOrder(Object value) {
            if (value instanceof List<?> list) {
                List<Object> ordered = new ArrayList<>();
                list.forEach(one -> ordered.add(inOrder(one)));
                return ordered;
            }
            if (!(value instanceof Map<?, ?> members)) {
                return value;
            }
            Map<Object, Object> ordered = new TreeMap<>((one, other) -> {
                byte[] first = ((String) one).getBytes(StandardCharsets.UTF_8);
                byte[] second = ((String) other).getBytes(StandardCharsets.UTF_8);
                return first.length == second.length
                        ? Arrays.compareUnsigned(first, second) : Integer.compare(first.length, second.length);
            });
            members.forEach((name, member) -> ordered.put(name, inOrder(member)));
            return ordered;
        }
    }
}
