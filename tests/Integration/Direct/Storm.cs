using System.Globalization;
using Npgsql;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.Direct;

/// <summary>Changes of few businesses from both sides at once.</summary>
internal static class Storm
{
    public const int Businesses = 50;

    private static readonly string[] Voices = ["alloy", "coral", "echo", "sage", "verse"];

    /// <summary>Updates of the application on one session, one transaction each.</summary>
    /// <returns>How many have changed a voice.</returns>
    public static async Task<int> UpdateAsync(Application shop, int updates, int seed)
    {
        var random = new Random(seed);
        await using var session = await shop.OpenAsync();
        var changed = 0;
        for (var n = 0; n < updates; n++)
        {
            var (business, voice) = (1 + random.Next(Businesses), Voices[random.Next(Voices.Length)]);
            await using var update = new NpgsqlCommand(
                $"UPDATE business SET voice_id = '{voice}' WHERE id = {business} AND voice_id <> '{voice}'", session);
            changed += await update.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        return changed;
    }

    /// <summary>Messages from a minute ago until a minute ahead, in no order, none like another.</summary>
    public static async Task PublishAsync(BrokerClient broker, int messages)
    {
        var random = new Random(58);
        var start = TimeProvider.System.GetUtcNow();
        for (var n = 0; n < messages; n++)
        {
            var at = start.AddSeconds(random.Next(-60, 60)).AddMicroseconds(n);
            await broker.PublishAsync(Exchanges.BusinessVoiceChanged, string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"businessId":{{1 + random.Next(Businesses)}},"voiceId":"{{Voices[random.Next(Voices.Length)]}}","changedAt":"{{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}}"}"""));
        }
    }
}
