using System.Text.Json.Nodes;
using VoiceWorker.DeadLetters;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary><c>dead-letters list</c>, <c>list --group</c>, <c>show</c>: all goes back as it was.</summary>
internal static class DeadLetterListVerb
{
    public static Task<int> RunAsync(string[] settings, DeadLetterFilter which, int limit, bool json) =>
        Tools.WithBrokerAsync(settings, async (services, connection) =>
        {
            await using var queues = new DeadLetterQueues(connection);
            var (oldest, count) = await DeadLetterSummary.OldestAsync(
                queues.ReadAsync(which, CancellationToken.None), limit, DeadLetterSummary.Of);
            if (json)
                await JsonScreen.WriteArrayAsync(oldest.Select(letter => letter.ToJson()).ToAsyncEnumerable());
            else
                DeadLetterScreen.WriteList(oldest, count, services.GetRequiredService<TimeProvider>().GetUtcNow());
            await Terminal.TellOfRestAsync("oldest", oldest.Count, count);
            return ExitCode.Ok;
        });

    public static Task<int> GroupAsync(string[] settings, DeadLetterFilter which, bool json) =>
        Tools.WithBrokerAsync(settings, async (services, connection) =>
        {
            await using var queues = new DeadLetterQueues(connection);
            var groups = new DeadLetterGroups();
            await groups.AddAsync(queues.ReadAsync(which, CancellationToken.None));
            if (json)
                JsonScreen.Write(new JsonArray([.. groups.Largest.Select(group => group.ToJson())]));
            else
                DeadLetterScreen.WriteGroups(groups, services.GetRequiredService<TimeProvider>().GetUtcNow());
            return ExitCode.Ok;
        });

    public static Task<int> ShowAsync(string[] settings, DeadLetterFilter which, bool json) =>
        Tools.WithBrokerAsync(settings, async (_, connection) =>
        {
            await using var queues = new DeadLetterQueues(connection);
            var letter = await DeadLetterSelection.FindAsync(queues, which, CancellationToken.None);
            if (json)
                JsonScreen.Write(DeadLetterJson.Full(letter));
            else
                DeadLetterScreen.WriteFull(letter);
            return ExitCode.Ok;
        });
}
