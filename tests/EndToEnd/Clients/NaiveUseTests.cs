using System.Text.Json;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.EndToEnd.Examples;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>A web application that shares the Python client as applications do, while worker and broker are killed.</summary>
[LoneRun]
[Collection(nameof(LoneRunAttribute))]
public sealed class NaiveUseTests(PythonWheel wheel, TestServers servers) : IClassFixture<PythonWheel>
{
    private const int Calls = 1_000;

    [Theory]
    [InlineData("gunicorn --config gunicorn.conf.py --bind 127.0.0.1:PORT flask_app:app")]
    [InlineData("gunicorn --config gunicorn.conf.py --bind 127.0.0.1:PORT --worker-class gevent flask_app:app")]
    [InlineData("uvicorn --port PORT --log-level warning fastapi_app:app")]
    public async Task No_request_fails_or_waits_longer_than_it_said(string server)
    {
        await using var rabbitMq = await LocalRabbitMq.LaunchAsync(new ServerOptions { PrefersMemory = true }, Token);
        await using var database = await servers.Migrated.CopyAsync(businesses: 20);
        await database.ExecuteAsync("UPDATE business SET voice_id = 'marin'");
        await using var worker = Start(database, rabbitMq);
        await worker.WaitReadyAsync(Token);
        using var waiting = Waiting.Start();
        await using var application = ExampleProcess.Start(Application(server), new Dictionary<string, string>
        {
            ["AMQP_URL"] = rabbitMq.AmqpUri.ToString(), ["PYTHONDONTWRITEBYTECODE"] = "1",
        });

        await HearsAsync(application, one => one.IsAnswer, times: 100);
        worker.Kill();
        await HearsAsync(application, one => !one.IsAnswer, times: 20);
        await using var second = Start(database, rabbitMq);
        await HearsAsync(application, one => one.IsAnswer, times: 100);
        await rabbitMq.KillAsync(Token);
        await HearsAsync(application, one => !one.IsAnswer, times: 20);
        await rabbitMq.StartAsync(Token);
        await HearsAsync(application, one => one.IsAnswer, times: 100);
        application.EndInput();

        await application.EndsWellAsync();
        await AssertKeptAsync(Answer.Of(application.Lines), waiting, database);
    }

    // Before other suites, where the user may have that: what is measured is the client, and not who else uses the machine.
    private string[] Application(string server) =>
    [
        "nice", "-n", "-15", wheel.Python, Path.Combine(PythonWheel.Source, "tests", "naive_use.py"),
        Path.Combine(PythonWheel.Source, "examples"), $"{Calls}",
        wheel.Python, "-m", .. server.Split(' '),
    ];

    private static WorkerProcess Start(LegacyDatabase database, LocalRabbitMq rabbitMq) => WorkerProcess.Start(
        WorkerProcess.Dll, RunningWorker.Connections(database.WorkerConnectionString, rabbitMq.AmqpUri),
        ["run", "--Audit:Unrouted=Skip"]);

    // From now on.
    private static async Task HearsAsync(ExampleProcess application, Func<Answer, bool> expected, int times)
    {
        var before = Count();
        Assert.True(
            await Polling.UntilAsync(_ => Task.FromResult(Count() >= before + times), Waits.Longest, Token),
            string.Join('\n', application.Lines.TakeLast(50)));

        int Count() => Answer.Of(application.Lines).Count(expected);
    }

    private static async Task AssertKeptAsync(IReadOnlyList<Answer> answers, Waiting waiting, LegacyDatabase database)
    {
        var recorded = await RecordedVoices.ReadAsync(database);
        var answered = answers.Count(one => one.IsAnswer);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"answered {answered}, defaulted {answers.Count - answered}, recorded {recorded.Count}");

        Assert.InRange(answers.Count, Calls, int.MaxValue);
        Assert.All(answers, one => Assert.Equal(200, one.Status));
        waiting.AssertKept("the application", [.. answers.Select(one => one.Ms)]);
        Assert.All(answers, one => Assert.Equal(one.IsAnswer ? recorded[one.Call] : "ash", one.VoiceId));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed record Answer(string Call, int Status, double Ms, string? VoiceId, string? Reason)
    {
        public bool IsAnswer => Reason is not "timeout";

        public static IReadOnlyList<Answer> Of(IReadOnlyList<string> lines) =>
        [
            .. lines.Where(line => line.StartsWith("{\"call", StringComparison.Ordinal))
                .Select(line => JsonSerializer.Deserialize<Answer>(line, JsonSerializerOptions.Web)!),
        ];
    }
}
