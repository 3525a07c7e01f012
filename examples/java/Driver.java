package voiceworker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import voiceworker.VoiceWorkerClient.ContractException;
import voiceworker.VoiceWorkerClient.Json;
import voiceworker.VoiceWorkerClient.NotConfirmedException;

/** Holds the client against clients/conformance: reads commands, a JSON object a line, and writes what came of each. */
final class Driver {

    private final VoiceWorkerClient client;
    private final PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final List<String> urls;
    private final List<AuditConsumer> consumers = new ArrayList<>();
    private final Map<String, AuditConsumer.Ledger> ledgers = new HashMap<>();

    private Driver(List<String> urls, VoiceWorkerClient client) {
        this.urls = urls;
        this.client = client;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> urls = List.of(System.getenv("AMQP_URLS").trim().split("\\s+"));
        ExecutorService commands = Executors.newCachedThreadPool();
        try (VoiceWorkerClient client = new VoiceWorkerClient(urls)) {
            Driver driver = new Driver(urls, client);
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String command = line;
                commands.execute(() -> driver.write(driver.answer(command)));
            }
            commands.shutdown();
            commands.awaitTermination(1, TimeUnit.MINUTES);
            driver.consumers.forEach(AuditConsumer::close);
        }
    }

    private void write(Map<String, Object> answer) {
        String line = Json.write(answer);
        synchronized (output) {
            output.println(line);
        }
    }

    private Map<String, Object> answer(String line) {
        Map<String, Object> answer = new LinkedHashMap<>();
        long began = System.nanoTime();
        boolean isMeasured = false;
        try {
            Json command = Json.read(line.getBytes(StandardCharsets.UTF_8));
            answer.put("id", command.members().get("id"));
            isMeasured = command.text("do").endsWith("Voice") || command.text("do").equals("voiceFor");
            began = System.nanoTime();
            answer.putAll(carryOut(command));
        } catch (ContractException broken) {
            answer.put("error", "contract");
            answer.put("kind", broken.kind());
            answer.put("broken", listOf(broken));
        } catch (NotConfirmedException lost) {
            answer.put("error", "notConfirmed");
            answer.put("changedAt", lost.changedAt().toString());
        } catch (IOException | RuntimeException other) {
            answer.put("error", "other");
            answer.put("text", other.toString());
        }
        if (isMeasured) {
            answer.put("ms", (System.nanoTime() - began) / 1_000 / 1_000.0);
        }
        return answer;
    }

    private Map<String, Object> carryOut(Json command) throws IOException {
        return switch (command.text("do")) {
            case "voiceFor" -> voiceFor(command);
            case "changeVoice" -> changeVoice(command);
            case "counts" -> Map.of("answered", client.counts().answered(), "defaulted", client.counts().defaulted(),
                    "late", client.counts().late());
            case "consume" -> consume(command);
            case "gaps" -> Map.of("gaps", ledgerOf(command).gaps().stream()
                    .map(gap -> List.of(gap.stream(), gap.first(), gap.last())).toList());
            default -> throw new IllegalArgumentException("unknown command " + command.text("do"));
        };
    }

    private Map<String, Object> voiceFor(Json command) {
        var voice = client.voiceFor(
                integerOf(command, "businessId"), textOf(command, "callId"), timeoutOf(command),
                textOf(command, "default"), null);
        return Map.of("voiceId", voice.voiceId(), "source", voice.source(), "reason", voice.reason());
    }

    private Map<String, Object> changeVoice(Json command) {
        var change = client.changeVoice(
                integerOf(command, "businessId"), textOf(command, "voiceId"), textOf(command, "changedBy"),
                timeoutOf(command), instantOf(command, "changedAt"));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("outcome", change.outcome().name().toLowerCase(Locale.ROOT));
        answer.put("reason", change.reason());
        answer.put("standingVoiceId", change.standingVoiceId());
        answer.put("voiceId", change.voiceId());
        answer.put("changedAt", change.changedAt().toString());
        return answer;
    }

    private synchronized Map<String, Object> consume(Json command) throws IOException {
        AtomicReference<String> failAt = new AtomicReference<>(textOf(command, "failAt"));
        consumers.add(new AuditConsumer(urls, command.text("queue"), ledgerOf(command), event -> {
            if (event.eventId().equals(failAt.get())) {
                failAt.set(null);
                throw new IllegalStateException("as the command wants it");
            }
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("eventId", event.eventId());
            told.put("stream", event.stream());
            told.put("sequence", event.sequence());
            told.put("type", event.type());
            told.put("isReplay", event.isReplay());
            told.put("isAltered", event.isAltered());
            write(Map.of("event", told));
        }));
        return Map.of("consuming", true);
    }

    private synchronized AuditConsumer.Ledger ledgerOf(Json command) throws IOException {
        String path = command.text("ledger");
        if (!ledgers.containsKey(path)) {
            ledgers.put(path, new AuditConsumer.Ledger(Path.of(path)));
        }
        return ledgers.get(path);
    }

    private static List<Object> listOf(ContractException broken) {
        List<Object> list = new ArrayList<>();
        broken.broken().forEach(one -> list.add(Map.of("field", one.field(), "rule", one.rule())));
        return list;
    }

    // A value of another type cannot be handed to a client in Java: null, 0 and an instant that RFC 3339 does not have
    // break the same rules.

    private static String textOf(Json command, String name) {
        return command.members().get(name) instanceof String text ? text : null;
    }

    private static Instant instantOf(Json command, String name) {
        if (command.members().get(name) == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(String.valueOf(textOf(command, name))).toInstant();
        } catch (DateTimeParseException noInstant) {
            return Instant.MAX.truncatedTo(ChronoUnit.DAYS);
        }
    }

    private static int integerOf(Json command, String name) {
        String digits = String.valueOf(numberOf(command, name));
        return digits.matches("-?[0-9]{1,18}") && (int) Long.parseLong(digits) == Long.parseLong(digits)
                ? Integer.parseInt(digits) : 0;
    }

    private static Duration timeoutOf(Json command) {
        String digits = numberOf(command, "timeout");
        return digits == null ? null : Duration.ofNanos((long) (Double.parseDouble(digits) * 1e9));
    }

    private static String numberOf(Json command, String name) {
        return command.members().get(name) instanceof Json.Literal number ? number.digits() : null;
    }
}
