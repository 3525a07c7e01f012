using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.DeadLetters;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary><c>dead-letters replay</c>: sends, waits, and reports what failed again.</summary>
internal static class DeadLetterReplayVerb
{
    private const int ProgressEvery = 1000;

    public static Task<int> RunAsync(
        string[] settings, DeadLetterFilter which, int limit, TimeSpan patience, bool json, OperatorAct act) =>
        Tools.WithBrokerAsync(settings, (services, connection) => act.RunAsync(services, async () =>
        {
            using var interruption = new Interruption();
            var (sent, stays) = (new Resent(), new List<Stay>());
            try
            {
                await SendAsync(connection, which, limit, sent, stays, json, act, interruption.Token);
                var back = await sent.WaitOrLeaveAsync(
                    connection, patience, services.GetRequiredService<TimeProvider>(), interruption.Token);
                act["cameBack"] = back.Count;
                var code = Tell(sent, stays, back, json);
                return interruption.Token.IsCancellationRequested ? ExitCode.Interrupted : code;
            }
            // While the one that is meant was looked for.
            catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        }));

    private static async Task SendAsync(
        IConnection connection, DeadLetterFilter which, int limit, Resent sent, List<Stay> stays, bool json,
        OperatorAct act, CancellationToken interruption)
    {
        (act["sent"], act["stay"]) = (0, 0);
        await using var queues = new DeadLetterQueues(connection);
        var letters = DeadLetterSelection.ChooseAsync(queues, which, limit, interruption);
        await foreach (var (letter, obstacle) in letters.ReplayAsync(CancellationToken.None))
        {
            if (obstacle is not null)
                Keep(stays, letter, obstacle);
            else
                sent.Add(letter, letter.Message.Body, keepsId: json);
            (act["sent"], act["stay"]) = (sent.Count, stays.Count);
            if ((sent.Count + stays.Count) % ProgressEvery == 0)
                await Console.Error.WriteLineAsync($"{sent.Count} sent, {stays.Count} stay …");
        }
    }

    // Without its body: very many can stay.
    private static void Keep(List<Stay> stays, DeadLetter letter, string obstacle)
    {
        Console.Error.WriteLine($"{letter.Id} stays in {letter.Queue}: {obstacle}");
        stays.Add(new(letter.Queue, letter.Id, obstacle));
    }

    private static int Tell(
        Resent sent, List<Stay> stays, Homecoming back, bool json)
    {
        if (json)
        {
            JsonScreen.Write(new JsonObject
            {
                ["replayed"] = new JsonArray([.. sent.Ids.Select(id => JsonValue.Create(id))]),
                ["stay"] = new JsonArray([.. stays.Select(one => new JsonObject
                {
                    ["queue"] = one.Queue, ["id"] = one.Id, ["obstacle"] = one.Obstacle,
                })]),
                ["cameBack"] = back.ToJson(),
                ["complete"] = back.Unknown is null,
            });
        }
        else
        {
            Console.WriteLine($"sent {sent.Count}, came back {back.Count}"
                + (stays.Count == 0 ? "" : stays.Count == 1 ? ", 1 stays" : $", {stays.Count} stay")
                + (back.Unknown is { } why ? $" so far: {why}" : ""));
            DeadLetterScreen.WriteBack(back);
        }

        return stays.Count == 0 && back.Count == 0 ? ExitCode.Ok : ExitCode.NotReplayed;
    }

    private readonly record struct Stay(string Queue, string Id, string Obstacle);
}
