using System.Text.Json.Nodes;
using VoiceWorker.DeadLetters;
using VoiceWorker.Observability;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary><c>dead-letters list</c>, <c>show</c>, <c>replay</c>, <c>discard</c>.</summary>
internal static class DeadLettersVerb
{
    private const int ProgressEvery = 1000;

    public static Task<int> ListAsync(string[] settings, bool json) =>
        Tools.WithBrokerAsync(settings, async (services, connection) =>
        {
            var letters = new DeadLetterQueues(connection).ReadAsync(CancellationToken.None)
                .Select(DeadLetterJson.Summary);
            await (json
                ? JsonScreen.WriteArrayAsync(letters)
                : DeadLetterScreen.WriteListAsync(letters, services.GetRequiredService<TimeProvider>().GetUtcNow()));
            return ExitCode.Ok;
        });

    public static Task<int> ShowAsync(string[] settings, string id, bool json) =>
        Tools.WithBrokerAsync(settings, async (_, connection) =>
        {
            await foreach (var letter in new DeadLetterQueues(connection).ReadAsync(CancellationToken.None))
            {
                if (letter.Id != id)
                    continue;
                if (json)
                    JsonScreen.Write(DeadLetterJson.Full(letter));
                else
                    DeadLetterScreen.WriteFull(letter);
                return ExitCode.Ok;
            }

            return Unknown(id);
        });

    public static Task<int> ReplayAsync(string[] settings, string? id, bool json) =>
        SettleAsync(settings, id, json, "replayed", letter => letter.ReplayAsync(CancellationToken.None));

    public static Task<int> DiscardAsync(string[] settings, string? id, bool json) =>
        SettleAsync(settings, id, json, "discarded", async letter =>
        {
            await letter.DiscardAsync(CancellationToken.None);
            return null;
        });

    // Without an id: all. Of several with one id only the first.
    private static Task<int> SettleAsync(
        string[] settings, string? id, bool json, string done, Func<DeadLetter, Task<string?>> settle) =>
        Tools.WithBrokerAsync(settings, async (_, connection) =>
        {
            var (settled, stay) = (new JsonArray(), new JsonArray());
            await foreach (var letter in new DeadLetterQueues(connection).ReadAsync(CancellationToken.None))
            {
                if (id is not null && letter.Id != id)
                    continue;
                if (await settle(letter) is { } obstacle)
                    stay.Add(new JsonObject { ["queue"] = letter.Queue, ["id"] = letter.Id, ["obstacle"] = obstacle });
                else
                    settled.Add(letter.Id);
                if (id is not null)
                    break;
                if ((settled.Count + stay.Count) % ProgressEvery == 0)
                    await Console.Error.WriteLineAsync($"{settled.Count} {done}, {stay.Count} stay …");
            }

            if (id is not null && settled.Count + stay.Count == 0)
                return Unknown(id);
            DeadLetterScreen.WriteOutcome(done, settled, stay, json);
            return stay.Count == 0 ? ExitCode.Ok : ExitCode.NotReplayed;
        });

    private static int Unknown(string id)
    {
        Console.Error.WriteLine(
            $"There is no dead letter '{PlainText.Escape(id)}' (one that somebody else is looking at is not seen); "
            + "dead-letters list shows which there are.");
        return ExitCode.Usage;
    }
}
