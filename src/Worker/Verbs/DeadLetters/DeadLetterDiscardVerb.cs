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
            await using var discard = new DeadLetterDiscard(connection);
            await ReadAsync(discard.ReadAsync(which, limit, CancellationToken.None), file);
            if (asks && discard.Count > 0 && !Confirm(discard, services.GetRequiredService<TimeProvider>()))
                return ExitCode.Interrupted;
            return await act.RunAsync(services, async () =>
            {
                using var interruption = new Interruption();
                return Tell(await discard.RunAsync(act, progress: null, interruption.Token), file, json);
            });
        });
    }

    private static async Task ReadAsync(IAsyncEnumerable<DeadLetter> letters, string? file)
    {
        await using var saved = file is null ? null : Create(file);
        await foreach (var letter in letters)
        {
            if (saved is not null)
                await saved.WriteAsync(Encoding.UTF8.GetBytes(DeadLetterDiscard.LineOf(letter)));
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

    private static bool Confirm(DeadLetterDiscard discard, TimeProvider time)
    {
        DeadLetterScreen.WriteGroups(discard.Groups, time.GetUtcNow());
        Console.Write($"They will be deleted for good. Type {discard.Count} to go on: ");
        if (Console.ReadLine()?.Trim() == discard.Count.ToString(CultureInfo.InvariantCulture))
            return true;
        Console.WriteLine("Nothing was discarded.");
        return false;
    }

    private static int Tell(DiscardResult result, string? file, bool json)
    {
        if (json)
        {
            JsonScreen.Write(new JsonObject
            {
                ["discarded"] = new JsonArray([.. result.Gone.Select(id => JsonValue.Create(id))]),
                ["stay"] = new JsonArray([.. result.Stays.Select(one => one.ToJson())]),
                ["saved"] = file,
            });
        }
        else
        {
            var stay = result.Stays.Count == 0 ? "" : $", {result.Stays.Count} stay: interrupted";
            Console.WriteLine($"{result.Gone.Count} discarded{stay}{(file is null ? "" : $", saved in {file}")}");
        }

        return ExitCode.Of(result.Ended);
    }
}
