using System.Text.Json;
using MassTransit;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Example;

const string Usage = """
    dotnet run -- call BUSINESS_ID [TIMES]                 prints each answer: the voice to speak with, and why
    dotnet run -- voice BUSINESS_ID VOICE_ID [--result]    gives a business another voice; prints what became of it
    dotnet run -- audit                                    keeps the audit trail until it is stopped
    dotnet run -- proof                                    says what is there of it, missing and altered; 1 if anything is

    AMQP_URL, AUDIT_QUEUE (audit-dotnet), AUDIT_FILE (audit.jsonl). One process for each queue and file.
    """;

var broker = new Uri(Environment.GetEnvironmentVariable("AMQP_URL") ?? "amqp://guest:guest@localhost");
var queue = Environment.GetEnvironmentVariable("AUDIT_QUEUE") ?? "audit-dotnet";
var file = Environment.GetEnvironmentVariable("AUDIT_FILE") ?? "audit.jsonl";

try
{
    switch (args)
    {
        case ["call", _] or ["call", _, _]:
            var times = args is [_, _, var typed] ? typed : "1";
            await CallAsync(Arguments.Number("BUSINESS_ID", args[1]), Arguments.Number("TIMES", times));
            return 0;
        case ["voice", _, _] or ["voice", _, _, "--result"]:
            await ChangeVoiceAsync(Arguments.Number("BUSINESS_ID", args[1]), args[2], asks: args.Length == 4);
            return 0;
        case ["audit"]:
            await AuditBus.RunAsync(broker, queue, file);
            return 0;
        case ["proof"]:
            var (events, streams, missing, repeated) = Ledger.Proof(file);
            var altered = Ledger.Altered(file).ToList();
            Console.WriteLine(
                $"events {events}, streams {streams}, missing {missing}, repeated {repeated}, altered {altered.Count}");
            foreach (var (stream, sequence) in altered)
                Console.WriteLine($"altered: {stream} {sequence}");
            return missing == 0 && repeated == 0 && altered.Count == 0 ? 0 : 1;
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}
catch (ArgumentException refused)
{
    Console.Error.WriteLine(refused.Message);
    return 2;
}
catch (BrokerUnreachableException unreachable)
{
    Console.Error.WriteLine(Broker.Explain(broker, unreachable));
    return 1;
}
catch (Exception unanswered) when (unanswered is RefusedException or RequestException)
{
    Console.Error.WriteLine(unanswered.Message);
    return 1;
}

async Task CallAsync(int businessId, int times)
{
    await using var producer = await Producer.ConnectAsync(broker);
    await Task.WhenAll(Enumerable.Range(0, times).Select(async _ =>
    {
        var call = new CallStarted($"CA-{Guid.NewGuid():N}", businessId, DateTimeOffset.UtcNow);
        var answer = await producer.CallAsync(call);
        Console.WriteLine(JsonSerializer.Serialize(answer, ContractsJson.Default.CallVoice));
    }));
}

async Task ChangeVoiceAsync(int businessId, string voiceId, bool asks)
{
    var change = new BusinessVoiceChanged(businessId, voiceId, DateTimeOffset.UtcNow, "VoiceWorker.Example");
    Arguments.Check(change, ContractRules.Check);
    await using var producer = await Producer.ConnectAsync(broker);
    if (asks)
    {
        var result = await producer.AskForVoiceAsync(change);
        Console.WriteLine(JsonSerializer.Serialize(result, ContractsJson.Default.VoiceChangeResult));
        return;
    }

    await producer.ChangeVoiceAsync(change);
}
