using System.Text.Json.Nodes;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary><c>dead-letters replay</c>: sends, waits, and reports what failed again.</summary>
internal static class DeadLetterReplayVerb
{
    public static Task<int> RunAsync(string[] settings, ReplayOrder order, bool json, OperatorAct act) =>
        Tools.WithBrokerAsync(settings, (services, connection) => act.RunAsync(services, async () =>
        {
            using var interruption = new Interruption();
            try
            {
                var time = services.GetRequiredService<TimeProvider>();
                return Tell(await DeadLetterReplay.RunAsync(
                    connection, order, time, act, new ReplayLines(), interruption.Token), json);
            }
            catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        }));

    /// <summary>Says what would be sent.</summary>
    public static Task<int> PlanAsync(string[] settings, ReplayOrder order, bool json) =>
        Tools.WithBrokerAsync(settings, async (services, connection) =>
        {
            var groups = await DeadLetterReplay.PlanAsync(connection, order, CancellationToken.None);
            if (json)
            {
                JsonScreen.Write(new JsonObject
                {
                    ["wouldSend"] = groups.Count,
                    ["groups"] = new JsonArray([.. groups.Largest.Select(group => group.ToJson())]),
                });
                return ExitCode.Ok;
            }

            DeadLetterScreen.WriteGroups(groups, services.GetRequiredService<TimeProvider>().GetUtcNow());
            Console.WriteLine($"{groups.Count} would be sent; nothing was");
            return ExitCode.Ok;
        });

    private static int Tell(ReplayResult result, bool json)
    {
        var (stays, back) = (result.Stays, result.Back);
        if (json)
        {
            JsonScreen.Write(new JsonObject
            {
                ["replayed"] = new JsonArray([.. result.Ids.Select(id => JsonValue.Create(id))]),
                ["stay"] = new JsonArray([.. stays.Select(one => one.ToJson())]),
                ["cameBack"] = back.ToJson(),
                ["complete"] = back.Unknown is null,
            });
        }
        else
        {
            Console.WriteLine($"sent {result.Sent}, came back {back.Count}"
                + (stays.Count == 0 ? "" : stays.Count == 1 ? ", 1 stays" : $", {stays.Count} stay")
                + (back.Unknown is { } why ? $" so far: {why}" : ""));
            DeadLetterScreen.WriteBack(back);
        }

        return ExitCode.Of(result.Ended);
    }
}

/// <summary>A replay as it goes on: a line for each that stays, and one now and then.</summary>
internal sealed class ReplayLines : IProgress<ReplayProgress>
{
    private const int Every = 1000;

    public void Report(ReplayProgress value)
    {
        if (value.Latest is { } stay)
            Console.Error.WriteLine($"{stay.Id} stays in {stay.Queue}: {stay.Obstacle}");
        if ((value.Sent + value.Stays) % Every == 0)
            Console.Error.WriteLine($"{value.Sent} sent, {value.Stays} stay …");
    }
}
