using System.Diagnostics;
using System.Text;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration.DeadLetters;

/// <summary>What <c>dead-letters discard</c> asks on a terminal, and what an answer does. The terminal is one that
/// <c>script</c> of util-linux makes.</summary>
public sealed class DiscardQuestionTests(TestServers servers)
{
    private const string DeadQueue = "voice-worker.call-started_dead";
    private const string EndOfInput = "\u0004";
    private const string Question = "They will be deleted for good. Type 3 to go on: ";

    [Theory]
    [InlineData("3", 0, 0)]
    [InlineData(" 3 ", 0, 0)]
    [InlineData("", 130, 3)]
    [InlineData("y", 130, 3)]
    [InlineData("33", 130, 3)]
    [InlineData("3 letters", 130, 3)]
    [InlineData(EndOfInput, 130, 3)]
    public async Task Only_their_number_discards_them(string answer, int expectedCode, uint left)
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        for (var n = 1; n <= 3; n++)
            await DeadLetterVerbs.PutAsync(broker, DeadQueue, Encoding.UTF8.GetBytes(Wire.Call($"CA-{n}", n)));

        var (code, screen) = await OnTerminalAsync(answer, "dead-letters", "discard", "--queue", DeadQueue);

        Assert.True(code == expectedCode, screen);
        Assert.Contains(Question, screen, StringComparison.Ordinal);
        // What goes is shown before.
        Assert.Contains(
            "delivered too often", screen[..screen.IndexOf(Question, StringComparison.Ordinal)],
            StringComparison.Ordinal);
        Assert.Contains(left == 0 ? "3 discarded" : "Nothing was discarded.", screen, StringComparison.Ordinal);
        Assert.All(screen.Split('\n'), line => Assert.InRange(line.TrimEnd('\r').Length, 0, 80));
        await DeadLetterVerbs.AssertCountAsync(broker, DeadQueue, left);
        await broker.AmqpChannel.QueuePurgeAsync(DeadQueue, Token);
    }

    [Fact]
    public async Task One_by_its_id_goes_without_a_question()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await DeadLetterVerbs.PutAsync(broker, DeadQueue, Encoding.UTF8.GetBytes(Wire.Call("CA-1", 1)));
        await using var connection =
            await new RabbitMQ.Client.ConnectionFactory { Uri = servers.AmqpUri }.CreateConnectionAsync(Token);
        var id = Assert.Single(await DeadLetterVerbs.IdsAsync(connection));

        var (code, screen) = await OnTerminalAsync("3", "dead-letters", "discard", "--id", id);

        Assert.Equal((0, "1 discarded"), (code, screen.Trim().Split('\r')[0]));
        await DeadLetterVerbs.AssertCountAsync(broker, DeadQueue, 0);
    }

    // Ctrl-D is lost in the moment in which the terminal goes over to reading keys: a person presses it again.
    private static async Task TypeAsync(StreamWriter keys, string answer, Task<string> rest)
    {
        await keys.WriteAsync(answer is EndOfInput ? answer : answer + "\n");
        await keys.FlushAsync();
        try
        {
            while (answer is EndOfInput && await Task.WhenAny(rest, Task.Delay(TimeSpan.FromSeconds(1), Token)) != rest)
            {
                await keys.WriteAsync(answer);
                await keys.FlushAsync();
            }
        }
        catch (IOException)
        {
            // It has ended meanwhile.
        }
    }

    // The answer is typed when the question is there, if it ever is.
    private async Task<(int Code, string Screen)> OnTerminalAsync(string answer, params string[] verb)
    {
        var command = string.Join(' ', verb.Prepend(WorkerProcess.Dll).Prepend("stty cols 80 -echo; exec dotnet"));
        var start = new ProcessStartInfo("script", ["-qec", command, "/dev/null"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in RunningWorker.Connections(
            "Host=127.0.0.1;Port=1;Database=app;Username=worker", servers))
            start.Environment[name] = value;
        start.Environment["TERM"] = "dumb";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Waits.Longest);
        using var script = Process.Start(start)!;
        try
        {
            var screen = await ReadAsync(script.StandardOutput, Question, patience.Token);
            var rest = script.StandardOutput.ReadToEndAsync(patience.Token);
            if (screen.Contains(Question, StringComparison.Ordinal))
                await TypeAsync(script.StandardInput, answer, rest);
            screen += await rest;
            await script.WaitForExitAsync(patience.Token);
            return (script.ExitCode, screen);
        }
        finally
        {
            script.Kill(entireProcessTree: true);
        }
    }

    // Up to the text, or to the end.
    private static async Task<string> ReadAsync(StreamReader output, string until, CancellationToken cancellationToken)
    {
        var (read, buffer) = (new StringBuilder(), new char[1_000]);
        while (!read.ToString().Contains(until, StringComparison.Ordinal)
            && await output.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            read.Append(buffer, 0, count);
        return read.ToString();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
