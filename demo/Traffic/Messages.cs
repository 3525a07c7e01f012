using System.Globalization;
using System.Text.Json.Nodes;

namespace VoiceWorker.Demo.Traffic;

/// <summary>The messages that producers send, as plain JSON, and where.</summary>
internal static class Messages
{
    public const string CallStartedExchange = "call-started";
    public const string BusinessVoiceChangedExchange = "business-voice-changed";

    public static string CallStarted(string callId, int businessId, DateTimeOffset startedAt) => new JsonObject
    {
        ["callId"] = callId, ["businessId"] = businessId, ["startedAt"] = Rfc3339(startedAt),
    }.ToJsonString();

    public static string BusinessVoiceChanged(int businessId, string voiceId, DateTimeOffset changedAt) => new JsonObject
    {
        ["businessId"] = businessId, ["voiceId"] = voiceId, ["changedAt"] = Rfc3339(changedAt), ["changedBy"] = "demo",
    }.ToJsonString();

    /// <summary>All three fields break their rules; the call id can be recognized all the same.</summary>
    public static string Malformed(string callId) => new JsonObject
    {
        ["callId"] = $" {callId} ", ["businessId"] = 0,
    }.ToJsonString();

    private static string Rfc3339(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
