using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using VoiceWorker.DeadLetters;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary><c>dead-letters discard</c>: what goes is read, saved if that is asked for, shown, confirmed, and only then
/// removed: exactly that.</summary>
internal static class DeadLetterDiscardVerb
{
    public static Task<int> RunAsync(
        string[] settings, DeadLetterFilter which, int limit, bool yes, string? file, bool json, OperatorAct act)
    {
        var asks = !yes && which.IdPrefix is null;
        if (asks && (json || !Terminal.CanAsk))
        {
            throw new SettingsException("discard of more than one needs --yes where nobody can be asked; "
                + "--save FILE keeps what goes.");
        }

        return Tools.WithBrokerAsync(settings, async (services, connection) =>
        {
            await using var queues = new DeadLetterQueues(connection);
            var (held, groups) = (new List<(string Queue, ulong Tag, string Id)>(), new DeadLetterGroups());
            var letters = DeadLetterSelection.ChooseAsync(queues, which, limit, CancellationToken.None);
            await ReadAsync(letters, file, letter =>
            {
                held.Add((letter.Queue, letter.Message.DeliveryTag, letter.Id));
                groups.Add(DeadLetterSummary.Of(letter));
            });
            if (asks && held.Count > 0 && !Confirm(held.Count, groups, services.GetRequiredService<TimeProvider>()))
                return ExitCode.Interrupted;
            return await act.RunAsync(services, () => DiscardAsync(queues, held, file, json, act));
        });
    }

    private static async Task<int> DiscardAsync(
        DeadLetterQueues queues, List<(string Queue, ulong Tag, string Id)> held, string? file, bool json,
        OperatorAct act)
    {
        using var interruption = new Interruption();
        var gone = 0;
        act["discarded"] = 0;
        foreach (var (queue, tag, _) in held.TakeWhile(_ => !interruption.Token.IsCancellationRequested))
        {
            await queues.DiscardAsync(queue, tag, CancellationToken.None);
            act["discarded"] = ++gone;
        }

        await queues.CloseAsync();
        Tell(held[..gone], held[gone..], file, json);
        return gone == held.Count ? ExitCode.Ok : ExitCode.Interrupted;
    }

    private static async Task ReadAsync(IAsyncEnumerable<DeadLetter> letters, string? file, Action<DeadLetter> note)
    {
        await using var saved = file is null ? null : Create(file);
        await foreach (var letter in letters)
        {
            note(letter);
            if (saved is not null)
                await saved.WriteAsync(Encoding.UTF8.GetBytes(JsonScreen.Line(DeadLetterJson.Full(letter)) + "\n"));
        }

        // On the disk before anything is removed.
        saved?.Flush(flushToDisk: true);
    }

    // Readable by its owner alone, for it has bodies; an existing file is not overwritten.
    private static FileStream Create(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(file, options);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"--save cannot write {file}: {refused.Message} Nothing was discarded.");
        }
    }

    private static bool Confirm(int count, DeadLetterGroups groups, TimeProvider time)
    {
        DeadLetterScreen.WriteGroups(groups, time.GetUtcNow());
        Console.Write($"They will be deleted for good. Type {count} to go on: ");
        if (Console.ReadLine()?.Trim() == count.ToString(CultureInfo.InvariantCulture))
            return true;
        Console.WriteLine("Nothing was discarded.");
        return false;
    }

    private static void Tell(
        List<(string Queue, ulong Tag, string Id)> gone, List<(string Queue, ulong Tag, string Id)> kept, string? file,
        bool json)
    {
        if (json)
        {
            JsonScreen.Write(new JsonObject
            {
                ["discarded"] = new JsonArray([.. gone.Select(one => JsonValue.Create(one.Id))]),
                ["stay"] = new JsonArray([.. kept.Select(one => new JsonObject
                {
                    ["queue"] = one.Queue, ["id"] = one.Id, ["obstacle"] = "interrupted",
                })]),
                ["saved"] = file,
            });
        }
        else
        {
            Console.WriteLine($"{gone.Count} discarded{(kept.Count == 0 ? "" : $", {kept.Count} stay: interrupted")}"
                + (file is null ? "" : $", saved in {file}"));
        }
    }
}
