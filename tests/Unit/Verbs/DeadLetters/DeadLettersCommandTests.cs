using VoiceWorker.Verbs;

namespace VoiceWorker.Tests.Unit.Verbs.DeadLetters;

public sealed class DeadLettersCommandTests
{
    private static readonly string[] Nowhere =
    [
        "--ConnectionStrings:Postgres=Host=127.0.0.1;Port=1;Database=app", "--ConnectionStrings:RabbitMq=amqp://guest:guest@127.0.0.1:1/",
    ];

    [Theory]
    [InlineData(2, "dead-letters")]
    [InlineData(2, "dead-letters", "frobnicate")]
    [InlineData(2, "dead-letters", "show")]
    [InlineData(2, "dead-letters", "replay")]
    [InlineData(2, "dead-letters", "discard", "--json")]
    [InlineData(2, "dead-letters", "discard", "--all", "--id", "0123456789ab")]
    [InlineData(2, "dead-letters", "show", "--id", "")]
    [InlineData(2, "dead-letters", "replay", "--id", " ")]
    [InlineData(2, "dead-letters", "list", "--nonsense")]
    [InlineData(2, "dead-letters", "discard", "--all")]
    [InlineData(2, "dead-letters", "discard", "--reason", "callId", "--save", "file")]
    [InlineData(2, "dead-letters", "edit", "--id", "0123456789ab")]
    [InlineData(2, "dead-letters", "edit", "--id", "0123456789ab", "--set", "42")]
    [InlineData(7, "dead-letters", "edit", "--id", "0123456789ab", "--set", "businessId=42")]
    [InlineData(7, "dead-letters", "discard", "--all", "--yes")]
    [InlineData(7, "dead-letters", "replay", "--queue", "voice-worker.call-started_error", "--limit", "3")]
    [InlineData(7, "dead-letters", "list", "--group", "--before", "2026-01-31", "--business", "7")]
    [InlineData(2, "dead-letters", "list", "--since", "2026-02-01", "--before", "2026-02-01")]
    [InlineData(2, "dead-letters", "replay", "--all", "--rate", "0")]
    [InlineData(2, "dead-letters", "replay", "--dry-run")]
    [InlineData(7, "dead-letters", "replay", "--call", "CA-1", "--rate", "10", "--dry-run")]
    [InlineData(7, "dead-letters", "list", "--producer", "crm", "--since", "2026-01-31")]
    [InlineData(7, "dead-letters", "list")]
    [InlineData(7, "dead-letters", "replay", "--all")]
    [InlineData(7, "dead-letters", "discard", "--id", "0123456789ab")]
    public async Task A_wrong_command_line_is_2_and_no_RabbitMQ_is_7(int code, params string[] verb) =>
        Assert.Equal(code, await CommandLine.RunAsync([.. verb, .. Nowhere]));
}
