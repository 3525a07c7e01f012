namespace VoiceWorker.Demo;

/// <summary>How somebody sends messages beside the demonstration.</summary>
internal static class HowToSend
{
    /// <param name="program">How this program is started from another terminal.</param>
    public static void Show(string program)
    {
        Screen.Line("send", $"from another terminal: {program} call 2");
        Screen.Line("", $"                       {program} voice 2 marin");
        Screen.Line("", "or from any AMQP client, plain JSON, no headers needed:");
        Screen.Line("", """exchange call-started            {"callId":"my-call-1","businessId":2,"startedAt":"2026-01-31T09:30:00Z"}   answered to reply_to""");
        Screen.Line("", """exchange business-voice-changed  {"businessId":2,"voiceId":"marin","changedAt":"2027-01-31T09:30:00Z","changedBy":"me"}""");
    }
}
