using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Browser.World;

/// <summary>For tests that change nothing of what others see: a worker with traffic behind it and a console beside it, and
/// a console alone where a provider signs people in.</summary>
public sealed class SharedConsole(TestServers servers) : IAsyncLifetime
{
    /// <summary>Part of a dead letter's body, of no field that is shown elsewhere.</summary>
    public const string Secret = "SECRET-OF-A-BODY";

    /// <summary>How many dead letters there are.</summary>
    public const int Letters = 64;

    private CallCentre _centre = null!;
    private IdentityProvider _provider = null!;

    /// <summary>A call's id, a person's name and a note that would be a script, were they not text.</summary>
    public const string Markup = "<script>alert('x')</script>";

    internal BrokerClient Broker => _centre.Broker;

    internal LegacyDatabase Database => _centre.Database;

    /// <summary>Beside the worker; the printed address signs in.</summary>
    internal ConsoleUnderTest Printed { get; private set; } = null!;

    /// <summary>Alone; a provider signs in.</summary>
    internal ConsoleUnderTest Provided { get; private set; } = null!;

    /// <summary>At <see cref="Printed"/>.</summary>
    internal Person Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _centre = await CallCentre.OpenAsync(servers);
        _provider = await IdentityProvider.StartAsync();
        var provided = _centre.StartConsoleAsync($"--Console:Oidc:Authority={_provider.Authority}");
        Printed = await _centre.StartWorkerAsync();
        Provided = await provided;
        Admin = await Printed.SignInAsync();
        await FillAsync();
    }

    /// <summary>Starts one more console alone, on the same servers.</summary>
    internal Task<ConsoleUnderTest> StartAsync(params string[] settings) => _centre.StartConsoleAsync(settings);

    public async ValueTask DisposeAsync()
    {
        Admin?.Dispose();
        await _centre.DisposeAsync();
        await _provider.DisposeAsync();
    }

    private async Task FillAsync()
    {
        await Traffic.CallAsync(Broker, 300);
        await Broker.AskAsync(VoiceWorker.Contracts.Exchanges.CallStarted, Wire.Call(Markup, 1));
        await Traffic.ChangeAsync(Broker, 40);
        await Traffic.ChangeAsync(Broker, 1, "coral", "2026-02-01T09:00:00Z", Markup);
        await Traffic.PoisonAsync(Broker, 60);
        await Traffic.PutAsideAsync(Broker,
        [
            """{"callId":"","businessId":12,"startedAt":"yesterday"}""",
            "no JSON at all \u001b[31mred \u202eright to left",
            $$"""{"callId":"{{Markup}}","businessId":"{{Markup}}","startedAt":"2026-01-31T09:30:00Z","{{Markup}}":"{{Secret}}"}""",
            """{"callId":"\u001b[2J\u202eCA-77","businessId":0,"startedAt":"2026-01-31T09:30:00Z"}""",
        ], "\u001b[3mproducer", $"\u001b[1mtenant{Markup}");
        await RecordAsync();
        await ReadAsync(Admin);
        using var viewer = await Provided.SignInAsync("vera", "voice-viewer");
        await ReadAsync(viewer);
    }

    // Three letters that come back: an act with a note.
    private async Task RecordAsync()
    {
        using var act = await Admin.PostAsync("/do/dead-letters/replay", new Dictionary<string, string> { ["limit"] = "3", ["note"] = Markup });
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, act.StatusCode);
        var isRecorded = await Polling.UntilAsync(
            async _ => await Database.ScalarAsync<long>("SELECT count(*) FROM voice.operator_action") == 1, Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(isRecorded, string.Join('\n', ["the act is not recorded", .. Printed.Process.Output]));
        await Traffic.LieAsync(Broker, Letters);
    }

    // A console reads the dead letters while it shows that it does.
    private static async Task ReadAsync(Person reader)
    {
        var html = "";
        var isRead = await Polling.UntilAsync(
            async _ => (html = await reader.ReadAsync("/dead-letters")).Contains($"{Letters} letters, read at", StringComparison.Ordinal),
            Waits.Longest, TestContext.Current.CancellationToken);
        Assert.True(isRead, html);
    }
}

/// <summary>The tests that share it, one after the other.</summary>
[CollectionDefinition]
public sealed class AtSharedConsole : ICollectionFixture<SharedConsole>;
