package voiceworker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Address;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Asks the Voice Worker for the voices of calls, and tells it of changes.
 *
 * <p>A call is never without a voice and never waits longer than its timeout, also while RabbitMQ or the worker is
 * away. Make one client for a program and share it between all threads: it has one connection, which it opens again
 * when it is lost.
 */
public final class VoiceWorkerClient implements AutoCloseable {

    /** Of this client. */
    public static final String VERSION = "0.1.0";

    private static final System.Logger LOG = System.getLogger("voiceworker.client");
    private static final String REPLIES = "amq.rabbitmq.reply-to";
    private static final String CALL_EXCHANGE = "call-started";
    private static final String CHANGE_EXCHANGE = "business-voice-changed";

    private static final Duration TIMEOUT = Duration.ofMillis(300);
    private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(5);
    // A node that confirms nothing for so long is left for another one.
    private static final Duration STALL = Duration.ofSeconds(3);
    // For connecting, the channel and the consumer together.
    private static final Duration OPENING = Duration.ofSeconds(6);
    private static final Duration CONNECTING = Duration.ofSeconds(3);
    private static final Duration HANDSHAKE = Duration.ofSeconds(4);
    private static final Duration HEARTBEAT = Duration.ofSeconds(30);
    // For the end of a connection whose node does not answer.
    private static final Duration CLOSING = Duration.ofSeconds(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    // A connection that was of use for so long is opened again without a pause.
    private static final Duration STEADY = Duration.ofSeconds(1);
    // How many requests that nobody waits for any more are remembered, to count their late replies.
    private static final int REMEMBERED = 10_000;

    /**
     * What a call is spoken with.
     *
     * @param source {@code business}, or {@code default} for a default of the worker or of the caller
     * @param reason of the worker; {@code timeout} or {@code notRecorded} where it has not answered
     */
    public record Voice(String voiceId, String source, String reason, int businessId, String callId) {

        /** Whether the worker has said so: then it is what its audit trail has for this call. */
        public boolean isAnswer() {
            return !reason.equals("timeout") && !reason.equals("notRecorded");
        }
    }

    /** What became of a change. */
    public enum Outcome {
        /** The business has the voice. */
        UPDATED,
        /** A later change stands. */
        SUPERSEDED,
        /** The worker does not make it. */
        REFUSED,
        /** RabbitMQ keeps it, and the worker has not said yet what became of it. */
        QUEUED
    }

    /**
     * What became of a change of voice.
     *
     * @param voiceId in the spelling of the catalogue once the worker has answered
     * @param reason {@code unknownBusiness}, {@code unsupportedVoice} or {@code superseded}; otherwise null
     * @param standingVoiceId the voice that the business has now; null where there is none, and while it is queued
     */
    public record VoiceChange(
            Outcome outcome, int businessId, String voiceId, Instant changedAt, String reason, String standingVoiceId) {
    }

    /**
     * What became of the calls of a client.
     *
     * @param answered got the worker's answer in time
     * @param defaulted got the default
     * @param late answers that came after their caller had stopped waiting; such a call is defaulted too
     */
    public record Counts(long answered, long defaulted, long late) {
    }

    /** A field that breaks the contract, empty where the message as a whole is meant, and what would be right. */
    public record BrokenRule(String field, String rule) {
    }

    /** A message breaks its contract; sent again, it breaks it again. */
    public static final class ContractException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;
        private final String kind;
        private final transient List<BrokenRule> broken;

        ContractException(String kind, List<BrokenRule> broken) {
            super(textOf(broken));
            this.kind = kind;
            this.broken = List.copyOf(broken);
        }

        /** {@code invalidMessage}, or {@code notRecorded} for a change that the worker could not record. */
        public String kind() {
            return kind;
        }

        /** Every broken rule, in the words of the contract; never a value. */
        public List<BrokenRule> broken() {
            return broken == null ? List.of() : broken;
        }

        private static String textOf(List<BrokenRule> broken) {
            List<String> texts = new ArrayList<>();
            for (BrokenRule one : broken) {
                texts.add((one.field().isEmpty() ? "message" : one.field()) + ": " + one.rule());
            }
            return String.join("; ", texts);
        }
    }

    /**
     * RabbitMQ has not confirmed a change in time: it may have been sent or not. Send it again with the same
     * {@code changedAt}: a change that arrives twice has one effect.
     */
    public static final class NotConfirmedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final Instant changedAt;

        NotConfirmedException(String reason, Instant changedAt) {
            super("the change is not confirmed: " + reason);
            this.changedAt = changedAt;
        }

        /** Of the change. */
        public Instant changedAt() {
            return changedAt;
        }
    }

    private final List<ConnectionFactory> nodes = new ArrayList<>();
    private final Duration timeout;
    private final String defaultVoice;
    private final ExecutorService deliveries = Executors.newSingleThreadExecutor(VoiceWorkerClient::daemon);
    // The common pool may be busy for longer than a caller waits. Its threads end by themselves.
    private final ExecutorService completions = Executors.newCachedThreadPool(VoiceWorkerClient::daemon);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread link;

    // Guards all that follows, and what becomes of requests. Never held while something is sent or logged.
    private final Object lock = new Object();
    private final Map<String, Request> waiting = new LinkedHashMap<>();
    private final Set<String> givenUp = new LinkedHashSet<>();
    private final Set<String> told = new HashSet<>();
    private boolean isNews = true;
    private String trouble = "not connected yet";
    private Session current;
    private boolean isReady;
    private boolean isClosed;
    private long answered;
    private long defaulted;
    private long late;

    /** With a timeout of 0.3 s and the default {@code ash}. */
    public VoiceWorkerClient(List<String> urls) {
        this(urls, TIMEOUT, "ash");
    }

    /**
     * Begins to connect to one of the nodes and returns at once.
     *
     * @param urls where RabbitMQ is: an AMQP URI for each node
     * @param timeout how long a call waits for an answer
     * @param defaultVoice the voice of a call that gets no answer in time
     * @throws IllegalArgumentException a URI is wrong, or the timeout is not above 0
     */
    public VoiceWorkerClient(List<String> urls, Duration timeout, String defaultVoice) {
        if (urls.isEmpty() || timeout.isNegative() || timeout.isZero() || defaultVoice.isEmpty()) {
            throw new IllegalArgumentException("the URI of a RabbitMQ, a timeout above 0 and a default are needed");
        }
        this.timeout = timeout;
        this.defaultVoice = defaultVoice;
        for (String url : urls) {
            nodes.add(nodeOf(url));
        }
        Collections.shuffle(nodes);
        warmUp();
        link = daemon(this::run);
        link.start();
        daemon(this::watch).start();
    }

    // Loads the classes that the first call would wait for, by one that is not sent.
    private void warmUp() {
        Request request = callOf(1, "CA", Duration.ofMillis(1), null);
        await(request);
        voiceOf(request, 1, "CA", null).isAnswer();
        Json.read(request.body);
    }

    /** {@link #voiceFor(int, String, Duration, String, Instant)} with the client's timeout and default. */
    public Voice voiceFor(int businessId, String callId) {
        return voiceFor(businessId, callId, null, null, null);
    }

    /**
     * The voice for a call: the worker's answer, or the default when none has come after the timeout, when the thread
     * is interrupted, or when the client is closed. It never waits longer, also while RabbitMQ or the worker is away.
     * The same call id asked again gets the answer that it got first.
     *
     * @param businessId whom the call is for: 1 to 2147483647
     * @param callId of the telephony provider, 1 to 64 printable characters
     * @param timeout the client's if null
     * @param defaultVoice the client's if null or empty
     * @param startedAt when the call began; now if null
     * @throws ContractException an argument breaks the contract; nothing else is thrown
     */
    public Voice voiceFor(int businessId, String callId, Duration timeout, String defaultVoice, Instant startedAt) {
        Request request = callOf(businessId, callId, timeout, startedAt);
        await(request);
        return count(voiceOf(request, businessId, callId, defaultVoice));
    }

    /** The same without a thread that waits; it is completed by a thread of the client's own. */
    public CompletableFuture<Voice> voiceForAsync(
            int businessId, String callId, Duration timeout, String defaultVoice, Instant startedAt) {
        try {
            Request request = callOf(businessId, callId, timeout, startedAt);
            submit(request);
            return request.settled.completeOnTimeout(null, request.remaining(), TimeUnit.NANOSECONDS)
                    .thenApplyAsync(nothing -> {
                        forget(request);
                        return count(voiceOf(request, businessId, callId, defaultVoice));
                    }, completions);
        } catch (ContractException broken) {
            return CompletableFuture.failedFuture(broken);
        }
    }

    /** {@link #changeVoice(int, String, String, Duration, Instant)} now, within 5 s. */
    public VoiceChange changeVoice(int businessId, String voiceId, String changedBy) {
        return changeVoice(businessId, voiceId, changedBy, null, null);
    }

    /**
     * Gives a business another voice, and says what became of it. {@link Outcome#QUEUED} when RabbitMQ has the change
     * and the worker has not answered in time.
     *
     * @param businessId 1 to 2147483647
     * @param voiceId the new voice, 1 to 32 printable characters
     * @param changedBy who changed it, at most 128 characters, or null
     * @param timeout how long to wait for the result; 5 s if null
     * @param changedAt when it was changed; now if null. The later change stands
     * @throws ContractException an argument breaks the contract, or the worker cannot record the change
     * @throws NotConfirmedException RabbitMQ has not confirmed the change in time
     */
    public VoiceChange changeVoice(
            int businessId, String voiceId, String changedBy, Duration timeout, Instant changedAt) {
        long deadline = deadlineIn(timeout == null ? CHANGE_TIMEOUT : timeout);
        Instant at = (changedAt == null ? Instant.now() : changedAt).truncatedTo(ChronoUnit.MICROS);
        Rules.checkChange(businessId, voiceId, at, changedBy);
        Map<String, Object> change = new LinkedHashMap<>();
        change.put("businessId", businessId);
        change.put("voiceId", voiceId);
        change.put("changedAt", Rules.textOf(at));
        if (changedBy != null) {
            change.put("changedBy", changedBy);
        }
        Request request = new Request(CHANGE_EXCHANGE, Json.write(change), deadline, false);
        await(request);
        return outcomeOf(request, new VoiceChange(Outcome.QUEUED, businessId, voiceId, at, null, null));
    }

    /** What became of the calls so far. */
    public Counts counts() {
        synchronized (lock) {
            return new Counts(answered, defaulted, late);
        }
    }

    /** Ends the connection, within 2 s. Calls that wait get their default, and so do later ones. */
    @Override
    public void close() {
        Session session;
        synchronized (lock) {
            isClosed = true;
            waiting.values().forEach(Request::settle);
            session = current;
            lock.notifyAll();
        }
        closed.countDown();
        if (session != null && !session.isOpened()) {
            session.hangUp();
        }
        try {
            link.join(2 * CLOSING.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        deliveries.shutdown();
    }

    private Request callOf(int businessId, String callId, Duration timeout, Instant startedAt) {
        long deadline = deadlineIn(timeout == null ? this.timeout : timeout);
        Instant at = startedAt == null ? Instant.now() : startedAt;
        Rules.checkCall(callId, businessId, at);
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("callId", callId);
        call.put("businessId", businessId);
        call.put("startedAt", Rules.textOf(at));
        return new Request(CALL_EXCHANGE, Json.write(call), deadline, true);
    }

    private void await(Request request) {
        submit(request);
        try {
            request.settled.get(request.remaining(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException tooLate) {
            // The caller gets the default.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        forget(request);
    }

    private static long deadlineIn(Duration timeout) {
        return System.nanoTime() + timeout.toNanos();
    }

    // Answers: what cannot be understood is none.

    private Voice voiceOf(Request request, int businessId, String callId, String callersDefault) {
        String fallback = callersDefault == null || callersDefault.isEmpty() ? defaultVoice : callersDefault;
        Voice voice = new Voice(fallback, "default", "timeout", businessId, callId);
        Delivery reply = request.reply;
        if (reply != null) {
            try {
                voice = read(reply, voice);
            } catch (Json.Unreadable unreadable) {
                tellUnreadable(reply);
            }
        }
        return voice;
    }

    private Voice count(Voice voice) {
        synchronized (lock) {
            if (voice.isAnswer()) {
                answered++;
            } else {
                defaulted++;
            }
        }
        return voice;
    }

    private static Voice read(Delivery reply, Voice fallback) {
        Json body = Json.read(reply.getBody());
        if (!"CallRefused".equals(reply.getProperties().getType())) {
            return new Voice(body.text("voiceId"), body.text("source"), body.text("reason"),
                    fallback.businessId(), fallback.callId());
        }
        ContractException refusal = refusalOf(body);
        if (refusal.kind().equals("invalidMessage")) {
            throw refusal;
        }
        // Nothing that its caller could mend.
        LOG.log(System.Logger.Level.ERROR, "A call of business {0} was not recorded: {1}",
                String.valueOf(fallback.businessId()), refusal.getMessage());
        return new Voice(fallback.voiceId(), "default", "notRecorded", fallback.businessId(), fallback.callId());
    }

    private VoiceChange outcomeOf(Request request, VoiceChange queued) {
        Delivery reply = request.reply;
        if (reply == null) {
            if (request.isConfirmed) {
                return queued;
            }
            throw new NotConfirmedException(request.refusal == null ? latestTrouble() : request.refusal,
                    queued.changedAt());
        }
        try {
            Json body = Json.read(reply.getBody());
            if ("ChangeRefused".equals(reply.getProperties().getType())) {
                throw refusalOf(body);
            }
            boolean isUpdated = body.text("outcome").equals("updated");
            String reason = isUpdated ? null : body.textOrNull("reason");
            Outcome outcome = isUpdated ? Outcome.UPDATED
                    : "superseded".equals(reason) ? Outcome.SUPERSEDED : Outcome.REFUSED;
            return new VoiceChange(outcome, queued.businessId(), body.text("voiceId"), queued.changedAt(), reason,
                    body.textOrNull("standingVoiceId"));
        } catch (Json.Unreadable unreadable) {
            tellUnreadable(reply);
            return queued;
        }
    }

    private static ContractException refusalOf(Json body) {
        List<BrokenRule> broken = new ArrayList<>();
        for (Json one : body.list("broken")) {
            broken.add(new BrokenRule(one.text("field"), one.text("rule")));
        }
        return new ContractException(body.text("error"), broken);
    }

    private static void tellUnreadable(Delivery reply) {
        LOG.log(System.Logger.Level.WARNING, "A reply of the type {0} cannot be read",
                String.valueOf(reply.getProperties().getType()));
    }

    // Requests

    /** A message that somebody waits for. What becomes of it is guarded by the lock until it is settled. */
    private static final class Request {
        final String correlationId = UUID.randomUUID().toString();
        final CompletableFuture<Void> settled = new CompletableFuture<>();
        final String exchange;
        final byte[] body;
        final long deadline;
        final boolean expires; // whether the message says so, so that nobody answers it afterwards
        Session carrier; // by which it was last sent
        String refusal; // why RabbitMQ did not take it, when it was last sent
        boolean isConfirmed;
        Delivery reply;

        Request(String exchange, String body, long deadline, boolean expires) {
            this.exchange = exchange;
            this.body = body.getBytes(StandardCharsets.UTF_8);
            this.deadline = deadline;
            this.expires = expires;
        }

        long remaining() {
            return Math.max(0, deadline - System.nanoTime());
        }

        void settle() {
            settled.complete(null);
        }

        void confirm() {
            if (!settled.isDone() && refusal == null) {
                isConfirmed = true;
            }
        }

        // Whoever waits for an answer waits on when RabbitMQ does not take it: a repeat may still bring one.
        void refuse(String reason) {
            if (!settled.isDone()) {
                refusal = reason;
                if (!expires) {
                    settle();
                }
            }
        }

        AMQP.BasicProperties properties() {
            long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(remaining()));
            return new AMQP.BasicProperties.Builder().contentType("application/json").deliveryMode(2)
                    .correlationId(correlationId).replyTo(REPLIES)
                    .expiration(expires ? Long.toString(left) : null).build();
        }
    }

    private void submit(Request request) {
        synchronized (lock) {
            if (isClosed) {
                request.settle();
                return;
            }
            waiting.put(request.correlationId, request);
            if (isReady) {
                current.outgoing.add(request);
                lock.notifyAll();
            }
        }
    }

    private void forget(Request request) {
        synchronized (lock) {
            waiting.remove(request.correlationId);
            request.settle();
            if (request.reply == null && request.carrier != null) {
                givenUp.add(request.correlationId);
                if (givenUp.size() > REMEMBERED) {
                    Iterator<String> oldest = givenUp.iterator();
                    oldest.next();
                    oldest.remove();
                }
            }
        }
    }

    private void onReply(Delivery delivery) {
        synchronized (lock) {
            Request request = waiting.get(delivery.getProperties().getCorrelationId());
            if (request == null) {
                // Once: a reply can arrive twice.
                if (givenUp.remove(delivery.getProperties().getCorrelationId())) {
                    late++;
                }
            } else if (!request.settled.isDone()) {
                request.reply = delivery;
                request.settle();
            }
        }
    }

    // The way to RabbitMQ

    private void run() {
        double pause = 0;
        while (rest(Duration.ofNanos((long) pause))) {
            boolean wasSteady = tryNodes();
            pause = pause == 0 ? FIRST_PAUSE.toNanos() : Math.min(LONGEST_PAUSE.toNanos(), pause * 2);
            pause *= wasSteady ? 0 : ThreadLocalRandom.current().nextDouble(0.8, 1);
        }
    }

    /** Each node once, until one has been of use; the next round begins behind it. */
    private boolean tryNodes() {
        for (int i = 0; i < nodes.size(); i++) {
            ConnectionFactory node = nodes.remove(0);
            nodes.add(node);
            Session session = new Session();
            synchronized (lock) {
                current = session;
            }
            String failure = isClosed() ? null : session.run(node);
            if (isClosed()) {
                return true;
            }
            boolean isSteady = session.openedAt != 0 && System.nanoTime() - session.openedAt > STEADY.toNanos();
            if (isSteady) {
                forgetTroubles();
            }
            tell(node.getHost() + ":" + node.getPort() + ": " + failure);
            if (isSteady) {
                return true;
            }
        }
        return false;
    }

    private boolean isClosed() {
        synchronized (lock) {
            return isClosed;
        }
    }

    private void forgetTroubles() {
        synchronized (lock) {
            told.clear();
        }
    }

    /** Returns false when the client has been closed. */
    private boolean rest(Duration pause) {
        try {
            return !closed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException ignored) {
            // Nobody but this client knows the thread.
            return true;
        }
    }

    /** Leaves a connection that stands still; its own thread may be held by it. */
    private void watch() {
        while (rest(Duration.ofMillis(250))) {
            Session stalled;
            synchronized (lock) {
                stalled = current != null && current.isStalled() ? current : null;
            }
            if (stalled != null) {
                stalled.hangUp();
            }
        }
    }

    /** Each reason once, until a connection has been of use: it is tried all the time. */
    private void tell(String reason) {
        boolean isNew;
        synchronized (lock) {
            trouble = reason;
            isNew = told.add(reason);
            isNews = isNews || isNew;
        }
        if (isNew) {
            LOG.log(System.Logger.Level.WARNING, "RabbitMQ is not connected: {0}", reason);
        }
    }

    private String latestTrouble() {
        synchronized (lock) {
            return isClosed ? "the client is closed" : isReady ? "no answer in time" : trouble;
        }
    }

    static ConnectionFactory nodeOf(String url) {
        ConnectionFactory node = newNode();
        try {
            URI uri = new URI(url);
            if (uri.getHost() == null) {
                // RabbitMQ's client would take it for localhost.
                throw new IllegalArgumentException("no host");
            }
            node.setUri(uri);
            if (node.getVirtualHost().isEmpty()) {
                // amqp://host/ means the default one to people, and to other clients.
                node.setVirtualHost("/");
            }
            if (node.isSSL()) {
                // setUri alone would take any certificate.
                node.useSslProtocol(SSLContext.getDefault());
            }
        } catch (URISyntaxException | GeneralSecurityException | IllegalArgumentException wrong) {
            // Never with the URI: it has the password.
            throw new IllegalArgumentException("an AMQP URI such as amqp://user:password@host:5672/ is needed");
        }
        return node;
    }

    private static ConnectionFactory newNode() {
        ConnectionFactory node = new ConnectionFactory();
        node.setAutomaticRecoveryEnabled(false);
        node.setTopologyRecoveryEnabled(false);
        node.setConnectionTimeout((int) CONNECTING.toMillis());
        node.setHandshakeTimeout((int) HANDSHAKE.toMillis());
        node.setChannelRpcTimeout((int) OPENING.toMillis());
        node.setShutdownTimeout((int) CLOSING.toMillis());
        node.setRequestedHeartbeat((int) HEARTBEAT.toSeconds());
        node.setThreadFactory(VoiceWorkerClient::daemon);
        return node;
    }

    static Connection connect(ConnectionFactory node, ExecutorService deliveries, String name)
            throws IOException, TimeoutException {
        if (!node.isSSL()) {
            return node.newConnection(deliveries, name);
        }
        // By its name, which the certificate has: otherwise RabbitMQ's client takes its address.
        Address named = new Address(node.getHost(), node.getPort());
        return node.newConnection(deliveries, () -> List.of(named), name);
    }

    static void configure(Socket connecting) throws IOException {
        connecting.setTcpNoDelay(true);
        if (connecting instanceof SSLSocket secure) {
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
            // Otherwise it could not be closed while a write to a node that stands still goes on.
            secure.setSoLinger(true, 1);
        }
    }

    private static String reasonOf(ShutdownSignalException cause) {
        if (cause.getReason() instanceof AMQP.Channel.Close close) {
            return close.getReplyText();
        }
        if (cause.getReason() instanceof AMQP.Connection.Close close) {
            return close.getReplyText();
        }
        return cause.getCause() == null ? "the connection has ended" : textOf(cause.getCause());
    }

    static String textOf(Throwable error) {
        if (error instanceof ShutdownSignalException signal) {
            return reasonOf(signal);
        }
        if (error.getCause() instanceof ShutdownSignalException signal) {
            return reasonOf(signal);
        }
        if (error instanceof TimeoutException) {
            return "it has not answered in time";
        }
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "voice-worker-client");
        thread.setDaemon(true);
        return thread;
    }

    /** One connection to one node, from its opening to its end; its thread publishes. */
    private final class Session {
        // Guarded by the lock.
        private final ArrayDeque<Request> outgoing = new ArrayDeque<>();
        private final SortedMap<Long, Request> unconfirmed = new TreeMap<>();
        private final long beganAt = System.nanoTime();
        private long openedAt;
        private long lastProgress;
        private boolean isBlocked;
        private String failure;

        private volatile Socket socket;
        private volatile boolean isHungUp;
        private Connection connection;
        private Channel channel;

        /** Returns when the connection has ended, with the reason. */
        String run(ConnectionFactory node) {
            try {
                open(node);
                begin();
                for (Request request = next(); request != null; request = next()) {
                    channel.basicPublish(request.exchange, "", true, request.properties(), request.body);
                }
            } catch (IOException | TimeoutException | RuntimeException broken) {
                fail(textOf(broken));
            }
            end();
            return failure;
        }

        private void open(ConnectionFactory shared) throws IOException, TimeoutException {
            ConnectionFactory node = shared.clone();
            node.setSocketConfigurator(this::onSocket);
            connection = connect(node, deliveries, "voice-worker-client");
            connection.addShutdownListener(cause -> fail(reasonOf(cause)));
            connection.addBlockedListener(this::onBlocked, this::onUnblocked);
            channel = connection.createChannel();
            channel.addShutdownListener(cause -> fail(reasonOf(cause)));
            channel.addReturnListener(returned ->
                    onReturn(returned.getProperties().getCorrelationId(), returned.getExchange(),
                            returned.getReplyText()));
            channel.addConfirmListener((tag, multiple) -> onConfirm(tag, multiple, true),
                    (tag, multiple) -> onConfirm(tag, multiple, false));
            channel.confirmSelect();
            channel.basicConsume(REPLIES, true, (tag, delivery) -> onDelivery(delivery),
                    tag -> fail("RabbitMQ sends no replies any more"));
        }

        private void onSocket(Socket connecting) throws IOException {
            configure(connecting);
            socket = connecting;
            if (isHungUp) {
                connecting.close();
            }
        }

        private void begin() {
            boolean isTold;
            synchronized (lock) {
                openedAt = System.nanoTime();
                isTold = !isNews;
                isNews = false;
                if (!isBlocked) {
                    takeOver();
                }
            }
            if (!isTold) {
                LOG.log(System.Logger.Level.INFO, "RabbitMQ is connected");
            }
        }

        // From now on messages go this way, with those that wait already, in the order in which they came.
        private void takeOver() {
            isReady = true;
            outgoing.clear();
            outgoing.addAll(waiting.values());
            lock.notifyAll();
        }

        // Waits for one that is to be sent; null when the connection is of no use any more.
        private Request next() {
            synchronized (lock) {
                while (failure == null && !isClosed) {
                    Request request = isBlocked ? null : outgoing.poll();
                    if (request == null) {
                        try {
                            lock.wait();
                        } catch (InterruptedException ignored) {
                            // Nobody but this client knows the thread.
                        }
                    } else if (!request.settled.isDone() && request.carrier != this && request.remaining() > 0) {
                        if (unconfirmed.isEmpty()) {
                            lastProgress = System.nanoTime();
                        }
                        request.carrier = this;
                        request.refusal = null;
                        unconfirmed.put(channel.getNextPublishSeqNo(), request);
                        return request;
                    }
                }
                return null;
            }
        }

        private void onConfirm(long tag, boolean multiple, boolean isTaken) {
            synchronized (lock) {
                lastProgress = System.nanoTime();
                SortedMap<Long, Request> meant = unconfirmed.subMap(multiple ? 0 : tag, tag + 1);
                for (Request request : meant.values()) {
                    if (isTaken) {
                        request.confirm();
                    } else {
                        request.refuse("RabbitMQ has refused it (nack)");
                    }
                }
                meant.clear();
            }
        }

        // Comes before the confirm of the same message.
        private void onReturn(String correlationId, String exchange, String reason) {
            String refusal = "no queue takes messages of " + exchange + " (" + reason + ")";
            boolean isNew;
            synchronized (lock) {
                isNew = told.add(refusal);
                Request request = waiting.get(correlationId);
                if (request != null) {
                    request.refuse(refusal);
                }
            }
            if (isNew) {
                LOG.log(System.Logger.Level.WARNING, "No worker has been started there: {0}", refusal);
            }
        }

        private void onDelivery(Delivery delivery) {
            synchronized (lock) {
                lastProgress = System.nanoTime();
            }
            onReply(delivery);
        }

        private void onBlocked(String reason) {
            synchronized (lock) {
                if (current != this) {
                    return;
                }
                isBlocked = true;
                isReady = false;
                outgoing.clear();
            }
            tell("RabbitMQ takes no messages (" + reason + ")");
        }

        private void onUnblocked() {
            synchronized (lock) {
                if (current != this || failure != null) {
                    return;
                }
                isBlocked = false;
                lastProgress = System.nanoTime();
                told.clear();
                if (openedAt != 0) {
                    takeOver();
                }
            }
            LOG.log(System.Logger.Level.INFO, "RabbitMQ takes messages again");
        }

        boolean isOpened() {
            synchronized (lock) {
                return openedAt != 0;
            }
        }

        // With the lock. Notes why, once.
        boolean isStalled() {
            long now = System.nanoTime();
            if (failure != null) {
                return false;
            }
            if (openedAt == 0 && now - beganAt > OPENING.toNanos()) {
                fail("it has not let us in for " + OPENING.toSeconds() + " s");
            } else if (!unconfirmed.isEmpty() && !isBlocked && now - lastProgress > STALL.toNanos()) {
                fail("it has confirmed nothing for " + STALL.toSeconds() + " s");
            }
            return failure != null;
        }

        private void fail(String reason) {
            synchronized (lock) {
                if (failure == null) {
                    failure = reason;
                }
                lock.notifyAll();
            }
        }

        // Ends whatever waits for this node.
        void hangUp() {
            isHungUp = true;
            Socket open = socket;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException ignored) {
                    // It is closed.
                }
            }
        }

        // From now on messages wait for another connection. A node that does not answer is not waited for.
        private void end() {
            boolean isGoodbye;
            synchronized (lock) {
                isGoodbye = failure == null;
                if (current == this) {
                    isReady = false;
                }
                outgoing.clear();
                unconfirmed.clear();
            }
            if (isGoodbye && connection != null) {
                Thread goodbye = daemon(() -> connection.abort(AMQP.REPLY_SUCCESS, "closed", (int) CLOSING.toMillis()));
                goodbye.start();
                try {
                    goodbye.join(CLOSING.toMillis());
                } catch (InterruptedException ignored) {
                    // Nobody but this client knows the thread.
                }
            }
            hangUp();
        }
    }

    /** What is sent, as the worker has it: a message that breaks a rule is not sent. */
    private static final class Rules {
        private static final int MAX_CALL_ID_LENGTH = 64;
        private static final int MAX_VOICE_ID_LENGTH = 32;
        private static final int MAX_CHANGED_BY_LENGTH = 128;
        // What the worker trims from a voice, and what may not surround a call id.
        private static final String WHITE_SPACE = "\t\n\013\f\r\40\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004"
                + "\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";
        private static final String INSTANT =
                "required: an RFC 3339 instant with offset, such as 2026-01-31T09:30:00Z";
        private static final Map<String, String> RULES = Map.of(
                "callId", "required: 1\u201364 printable characters, no surrounding white space",
                "businessId", "required: an integer from 1 to 2147483647",
                "voiceId", "required: 1\u201332 printable characters",
                "startedAt", INSTANT,
                "changedAt", INSTANT,
                "changedBy", "optional: at most 128 characters, no control characters");
        private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
        private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");
        // To the microsecond, as the worker stores it.
        private static final DateTimeFormatter MICROSECONDS =
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

        private final List<BrokenRule> broken = new ArrayList<>();

        static void checkCall(String callId, int businessId, Instant startedAt) {
            Rules rules = new Rules();
            boolean isRight = callId != null && isText(callId, MAX_CALL_ID_LENGTH) && trim(callId).equals(callId);
            rules.require(isRight, "callId", callId);
            rules.require(businessId >= 1, "businessId", null);
            rules.require(isInstant(startedAt), "startedAt", null);
            rules.end();
        }

        static void checkChange(int businessId, String voiceId, Instant changedAt, String changedBy) {
            Rules rules = new Rules();
            rules.require(businessId >= 1, "businessId", null);
            rules.require(voiceId != null && isText(trim(voiceId), MAX_VOICE_ID_LENGTH), "voiceId", voiceId);
            rules.require(isInstant(changedAt), "changedAt", null);
            rules.require(changedBy == null || isPrintable(changedBy, MAX_CHANGED_BY_LENGTH), "changedBy", changedBy);
            rules.end();
        }

        static String textOf(Instant instant) {
            return MICROSECONDS.format(instant);
        }

        private void require(boolean isRight, String field, String value) {
            if (!isRight) {
                String length = value == null ? "" : " (was " + lengthOf(value) + " characters)";
                broken.add(new BrokenRule(field, RULES.get(field) + length));
            }
        }

        private void end() {
            if (!broken.isEmpty()) {
                throw new ContractException("invalidMessage", broken);
            }
        }

        private static boolean isText(String value, int longest) {
            return !trim(value).isEmpty() && isPrintable(value, longest);
        }

        private static boolean isPrintable(String value, int longest) {
            return lengthOf(value) <= longest && value.codePoints().allMatch(Rules::isPrintable);
        }

        private static int lengthOf(String value) {
            return value.codePointCount(0, value.length());
        }

        private static boolean isPrintable(int character) {
            return switch (Character.getType(character)) {
                case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> false;
                default -> true;
            };
        }

        private static String trim(String value) {
            int first = 0;
            int end = value.length();
            while (first < end && WHITE_SPACE.indexOf(value.charAt(first)) >= 0) {
                first++;
            }
            while (first < end && WHITE_SPACE.indexOf(value.charAt(end - 1)) >= 0) {
                end--;
            }
            return value.substring(first, end);
        }

        private static boolean isInstant(Instant instant) {
            return !instant.isBefore(FIRST) && !instant.isAfter(LAST);
        }
    }

    /** A value of JSON, as it was read: Map, List, String, Boolean, null, and numbers as they are written. */
    static final class Json {
        private static final int DEEPEST = 64;
        final Object value;

        private Json(Object value) {
            this.value = value;
        }

        /** It is no JSON, or not what is looked for. */
        static final class Unreadable extends RuntimeException {
            private static final long serialVersionUID = 1L;

            Unreadable(String reason) {
                super(reason);
            }
        }

        /** A number with the digits that it came with. */
        record Literal(String digits) {
        }

        static Json read(byte[] body) {
            try {
                String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
                Reader reader = new Reader(text);
                Object value = reader.value(0);
                reader.end();
                return new Json(value);
            } catch (CharacterCodingException notText) {
                throw new Unreadable("no UTF-8");
            }
        }

        static Json of(Object value) {
            return new Json(value);
        }

        String text(String name) {
            String text = textOrNull(name);
            if (text == null) {
                throw new Unreadable(name);
            }
            return text;
        }

        String textOrNull(String name) {
            Object found = members().get(name);
            if (found != null && !(found instanceof String)) {
                throw new Unreadable(name);
            }
            return (String) found;
        }

        long number(String name) {
            return integerOf(members().get(name));
        }

        long[] numbers() {
            if (!(value instanceof List<?> list)) {
                throw new Unreadable("no list");
            }
            return list.stream().mapToLong(Json::integerOf).toArray();
        }

        private static long integerOf(Object value) {
            if (value instanceof Literal literal && literal.digits().matches("-?[0-9]{1,18}")) {
                return Long.parseLong(literal.digits());
            }
            throw new Unreadable("no integer");
        }

        List<Json> list(String name) {
            if (!(members().get(name) instanceof List<?> list)) {
                throw new Unreadable(name);
            }
            return list.stream().map(one -> new Json(one)).toList();
        }

        Map<?, ?> members() {
            if (value instanceof Map<?, ?> members) {
                return members;
            }
            throw new Unreadable("no object");
        }

        /** On one line, without a space between. */
        static String write(Object value) {
            StringBuilder text = new StringBuilder();
            write(value, text, ",", ":");
            return text.toString();
        }

        static void write(Object value, StringBuilder text, String comma, String colon) {
            if (value instanceof String string) {
                quote(string, text);
            } else if (value instanceof Map<?, ?> members) {
                String separator = "{";
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    quote((String) member.getKey(), text.append(separator));
                    write(member.getValue(), text.append(colon), comma, colon);
                    separator = comma;
                }
                text.append(members.isEmpty() ? "{}" : "}");
            } else if (value instanceof List<?> list) {
                String separator = "[";
                for (Object one : list) {
                    write(one, text.append(separator), comma, colon);
                    separator = comma;
                }
                text.append(list.isEmpty() ? "[]" : "]");
            } else {
                text.append(value instanceof Literal literal ? literal.digits() : String.valueOf(value));
            }
        }

        private static void quote(String string, StringBuilder text) {
            text.append('"');
            for (int i = 0; i < string.length(); i++) {
                char one = string.charAt(i);
                int known = "\b\t\n\f\r\"\\".indexOf(one);
                if (known >= 0) {
                    text.append('\\').append("btnfr\"\\".charAt(known));
                } else if (one < ' ') {
                    text.append(String.format("\\u%04x", (int) one));
                } else {
                    text.append(one);
                }
            }
            text.append('"');
        }

        private static final class Reader {
            private final String text;
            private int at;

            Reader(String text) {
                this.text = text;
            }

            Object value(int depth) {
                if (depth > DEEPEST) {
                    throw new Unreadable("too deep");
                }
                char first = peek();
                return switch (first) {
                    case '{' -> object(depth);
                    case '[' -> array(depth);
                    case '"' -> string();
                    default -> word();
                };
            }

            void end() {
                space();
                if (at < text.length()) {
                    throw new Unreadable("more than one value");
                }
            }

            private Map<String, Object> object(int depth) {
                Map<String, Object> members = new LinkedHashMap<>();
                at++;
                if (!skip('}')) {
                    do {
                        peek();
                        String name = string();
                        expect(':');
                        members.put(name, value(depth + 1));
                    } while (skip(','));
                    expect('}');
                }
                return members;
            }

            private List<Object> array(int depth) {
                List<Object> list = new ArrayList<>();
                at++;
                if (!skip(']')) {
                    do {
                        list.add(value(depth + 1));
                    } while (skip(','));
                    expect(']');
                }
                return list;
            }

            private String string() {
                expect('"');
                StringBuilder string = new StringBuilder();
                for (char one = take(); one != '"'; one = take()) {
                    if (one < ' ') {
                        throw new Unreadable("a control character");
                    }
                    string.append(one == '\\' ? escaped(take()) : one);
                }
                return string.toString();
            }

            private char escaped(char kind) {
                if (kind == 'u') {
                    String digits = text.substring(at, Math.min(text.length(), at + 4));
                    if (!digits.matches("[0-9a-fA-F]{4}")) {
                        throw new Unreadable("an escape");
                    }
                    at += 4;
                    return (char) Integer.parseInt(digits, 16);
                }
                int known = "btnfr\"\\/".indexOf(kind);
                if (known < 0) {
                    throw new Unreadable("an escape");
                }
                return "\b\t\n\f\r\"\\/".charAt(known);
            }

            private Object word() {
                int first = at;
                while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
                    at++;
                }
                String word = text.substring(first, at);
                if (word.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
                    return new Literal(word);
                }
                return switch (word) {
                    case "true" -> true;
                    case "false" -> false;
                    case "null" -> null;
                    default -> throw new Unreadable("a word");
                };
            }

            private void space() {
                while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                    at++;
                }
            }

            private char peek() {
                space();
                if (at == text.length()) {
                    throw new Unreadable("it ends too soon");
                }
                return text.charAt(at);
            }

            private char take() {
                if (at == text.length()) {
                    throw new Unreadable("it ends too soon");
                }
                return text.charAt(at++);
            }

            private boolean skip(char wanted) {
                boolean isThere = peek() == wanted;
                at += isThere ? 1 : 0;
                return isThere;
            }

            private void expect(char wanted) {
                if (!skip(wanted)) {
                    throw new Unreadable("a " + wanted + " is missing");
                }
            }
        }
    }
}
