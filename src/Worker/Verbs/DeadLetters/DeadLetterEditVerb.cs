using System.Text.Json.Nodes;
using RabbitMQ.Client;
using VoiceWorker.DeadLetters;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary><c>dead-letters edit</c>: a corrected copy goes to the queue that the original failed in; only when the
/// broker has confirmed it the original is removed.</summary>
internal static class DeadLetterEditVerb
{
    public static Task<int> RunAsync(
        string[] settings, DeadLetterFilter which, string[] changes, bool dryRun, TimeSpan patience, bool json,
        OperatorAct act) =>
        Tools.WithBrokerAsync(settings, async (services, connection) =>
        {
            await using var queues = new DeadLetterQueues(connection);
            var letter = await DeadLetterSelection.FindAsync(queues, which, CancellationToken.None);
            var copy = Correct(letter, changes);
            if (!dryRun)
            {
                var time = services.GetRequiredService<TimeProvider>();
                return await act.RunAsync(
                    services, () => SendAsync(connection, queues, letter, copy, patience, time, json, act));
            }

            Console.WriteLine(PlainText.Of(copy));
            Console.WriteLine("It keeps the contract; nothing was sent.");
            return ExitCode.Ok;
        });

    private static async Task<int> SendAsync(
        IConnection connection, DeadLetterQueues queues, DeadLetter letter, byte[] copy, TimeSpan patience,
        TimeProvider time, bool json, OperatorAct act)
    {
        using var interruption = new Interruption();
        (act["sent"], act["stay"]) = (0, 1);
        if (await letter.ReplayAsync(copy, CancellationToken.None) is { } obstacle)
        {
            await Console.Error.WriteLineAsync($"{letter.Id} stays in {letter.Queue}: {obstacle}");
            return ExitCode.NotReplayed;
        }

        (act["sent"], act["stay"]) = (1, 0);
        await queues.CloseAsync();
        var sent = new Resent();
        sent.Add(letter, copy, keepsId: true);
        var back = await sent.WaitOrLeaveAsync(connection, patience, time, interruption.Token);
        act["cameBack"] = back.Count;
        var code = Tell(sent, back, json);
        return interruption.Token.IsCancellationRequested ? ExitCode.Interrupted : code;
    }

    // Nothing is sent that would only come back.
    private static byte[] Correct(DeadLetter letter, string[] changes)
    {
        var body = DeadLetterBody.Of(letter.Origin, letter.Message.Body);
        if (body.Message is null)
            throw new SettingsException($"{letter.Id} is no JSON object, so that no field of it can be set.");
        foreach (var change in changes.Select(change => change.Split('=', 2)))
        {
            if (!body.Fields.Contains(change[0]))
                throw new SettingsException($"'{PeerText.Escape(change[0])}' is no field of the contract; there are "
                    + $"{string.Join(", ", body.Fields)}.");
            body.Set(change[0], change[1]);
        }

        var broken = body.Broken();
        return broken.Count == 0 ? body.ToBytes() : throw new SettingsException(
            $"The copy would break the contract, and nothing was sent: {string.Join("; ", broken)}");
    }

    private static int Tell(Resent sent, Homecoming back, bool json)
    {
        if (json)
        {
            JsonScreen.Write(new JsonObject
            {
                ["edited"] = sent.Ids[0], ["cameBack"] = back.ToJson(), ["complete"] = back.Unknown is null,
            });
        }
        else
        {
            Console.WriteLine($"{sent.Ids[0]}: the copy is sent, the original is gone; came back {back.Count}"
                + (back.Unknown is { } why ? $" so far: {why}" : ""));
            DeadLetterScreen.WriteBack(back);
        }

        return back.Count == 0 ? ExitCode.Ok : ExitCode.NotReplayed;
    }
}
