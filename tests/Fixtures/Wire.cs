namespace VoiceWorker.Tests.Fixtures;

/// <summary>Messages as a producer of any language writes them.</summary>
internal static class Wire
{
    public static string Call(string callId, int businessId) =>
        $$"""{"callId":"{{callId}}","businessId":{{businessId}},"startedAt":"2026-01-31T09:30:00Z"}""";
}
