using System.Runtime.InteropServices;
using MassTransit;
using Npgsql;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo;

/// <summary>Arguments → part of the demonstration → exit code: 0 as expected, 1 not, 2 usage, 128 + n after signal n.
/// </summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int Usage = 2;
    private const string Once = "--once";
    private const string Fresh = "--fresh";
    private const string Help = "--help";
    private const string Legacy = "legacy";
    private const string Forward = "forward";

    // What each does is in help.txt.
    private static readonly string[] Arguments = [Once, Fresh, Help, Legacy];

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains(Help))
        {
            Console.Write(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "help.txt")));
            return 0;
        }

        if (args is [Forward, var from, var to])
            return await UntilSignalledAsync(token => Demo.Forward.RunAsync(int.Parse(from, null), int.Parse(to, null), token));

        if (args.Except(Arguments).FirstOrDefault() is { } unknown)
        {
            await Console.Error.WriteLineAsync($"run: there is no '{unknown}', but {string.Join(", ", Arguments)}");
            return Usage;
        }

        var (once, fresh) = (args.Contains(Once), args.Contains(Fresh));
        return await UntilSignalledAsync(token => args.Contains(Legacy)
            ? Demonstration.LegacyAsync(fresh, token)
            : Demonstration.RunAsync(fresh, once, token));
    }

    private static async Task<int> UntilSignalledAsync(Func<CancellationToken, Task<int>> work)
    {
        using var interruption = new CancellationTokenSource();
        var exitCode = 0;
        using var hangup = On(PosixSignal.SIGHUP, 129);
        using var interrupt = On(PosixSignal.SIGINT, 130);
        using var terminate = On(PosixSignal.SIGTERM, 143);
        try
        {
            return await work(interruption.Token);
        }
        catch (Exception) when (interruption.IsCancellationRequested)
        {
            // Ctrl-C reaches our children as well, whose failures are then no news.
            Screen.Note("Interrupted; everything that was started is stopped.");
            return exitCode;
        }
        catch (Exception failure)
        {
            Screen.Fail(Explain(failure));
            return Failed;
        }

        PosixSignalRegistration On(PosixSignal signal, int code) => PosixSignalRegistration.Create(signal, context =>
        {
            // The runtime would end the process before everything is stopped.
            context.Cancel = true;
            if (Interlocked.CompareExchange(ref exitCode, code, 0) == 0)
                interruption.Cancel();
        });
    }

    private static string Explain(Exception failure) => failure switch
    {
        ServerUnavailableException or InvalidOperationException => failure.Message,
        PostgresException postgres => $"PostgreSQL: {postgres.SqlState}: {postgres.MessageText}",
        NpgsqlException or RabbitMQClientException or MassTransitException => failure.Message,
        _ => failure.ToString(),
    };
}
