using System.Security.Cryptography;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo.Traffic;

/// <summary>One message, sent by hand.</summary>
internal static class SingleMessage
{
    public static async Task<int> CallAsync(int businessId, CancellationToken cancellationToken)
    {
        await using var connection = await Broker.ConnectAsync(Given(), cancellationToken);
        await using var client = await PlainClient.OpenAsync(connection, cancellationToken);
        var json = Messages.CallStarted(
            $"CA-{RandomNumberGenerator.GetHexString(12, lowercase: true)}", businessId, TimeProvider.System.GetUtcNow());
        Screen.Line("call", json, "yellow");
        var replies = await client.AskAsync(Messages.CallStartedExchange, json, times: 1, cancellationToken);
        Screen.Line("answer", replies.Count > 0 ? replies[0] : "none within 15 s", "yellow");
        return replies.Count > 0 ? 0 : 1;
    }

    public static async Task<int> ChangeAsync(int businessId, string voiceId, CancellationToken cancellationToken)
    {
        await using var connection = await Broker.ConnectAsync(Given(), cancellationToken);
        await using var client = await PlainClient.OpenAsync(connection, cancellationToken);
        var json = Messages.BusinessVoiceChanged(businessId, voiceId, TimeProvider.System.GetUtcNow());
        await client.SendAsync(Messages.BusinessVoiceChangedExchange, json, cancellationToken);
        Screen.Line("change", json, "yellow");
        return 0;
    }

    private static Uri Given() =>
        Uri.TryCreate(Environment.GetEnvironmentVariable("VOICE_RABBITMQ"), UriKind.Absolute, out var uri)
            ? uri
            : throw new ServerUnavailableException("VOICE_RABBITMQ is not set; the running demonstration shows its address");
}
