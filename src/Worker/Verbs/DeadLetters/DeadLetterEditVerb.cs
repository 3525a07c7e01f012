using System.Text.Json.Nodes;
using VoiceWorker.DeadLetters;
using VoiceWorker.Observability;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary><c>dead-letters edit</c>: a corrected copy in place of the original.</summary>
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
                return await act.RunAsync(services, async () =>
                {
                    using var interruption = new Interruption();
                    var time = services.GetRequiredService<TimeProvider>();
                    return Tell(await DeadLetterEdit.SendAsync(
                        connection, queues, letter, copy, patience, time, act, interruption.Token), json);
                });
            }

            Console.WriteLine(PlainText.Of(copy.Bytes));
            Console.WriteLine("It keeps the contract; nothing was sent.");
            return ExitCode.Ok;
        });

    private static Correction Correct(DeadLetter letter, string[] changes)
    {
        var fields = changes.Select(change => change.Split('=', 2))
            .Select(part => KeyValuePair.Create(part[0], part[1]));
        var copy = DeadLetterEdit.Check(letter.Origin, letter.Message.Body, fields);
        return copy.Broken.Count == 0 ? copy : throw new SettingsException(
            $"The copy would break the contract, and nothing was sent: {string.Join("; ", copy.Broken)}");
    }

    private static int Tell(EditResult result, bool json)
    {
        var back = result.Back;
        if (result.Stays is { } stay)
        {
            Console.Error.WriteLine($"{stay.Id} stays in {stay.Queue}: {stay.Obstacle}");
        }
        else if (json)
        {
            JsonScreen.Write(new JsonObject
            {
                ["edited"] = result.Id, ["cameBack"] = back.ToJson(), ["complete"] = back.Unknown is null,
            });
        }
        else
        {
            Console.WriteLine($"{result.Id}: the copy is sent, the original is gone; came back {back.Count}"
                + (back.Unknown is { } why ? $" so far: {why}" : ""));
            DeadLetterScreen.WriteBack(back);
        }

        return ExitCode.Of(result.Ended);
    }
}
