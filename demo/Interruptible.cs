using System.Runtime.InteropServices;
using Npgsql;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo;

/// <summary>Runs something until it ends or a signal does; what it started is disposed of either way.</summary>
internal static class Interruptible
{
    private const int Failed = 1;
    private const int SignalBase = 128;

    /// <summary>The exit code: that of the work, or 128 + n after signal n.</summary>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<int>> work)
    {
        using var interruption = new CancellationTokenSource();
        var signal = 0;
        void Stop(PosixSignalContext context, int number)
        {
            // The runtime would end the process before everything is stopped.
            context.Cancel = true;
            if (Interlocked.CompareExchange(ref signal, number, 0) == 0)
                interruption.Cancel();
        }

        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, 1));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, 2));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, 15));
        try
        {
            return await work(interruption.Token);
        }
        catch (Exception) when (interruption.IsCancellationRequested)
        {
            // Ctrl-C reaches our children as well, whose failures are then no news.
            Screen.Note("Interrupted; everything that was started is stopped.");
            return SignalBase + signal;
        }
        catch (Exception failure)
        {
            Screen.Fail(Explain(failure));
            return Failed;
        }
    }

    private static string Explain(Exception failure) => failure switch
    {
        ServerUnavailableException or InvalidOperationException => failure.Message,
        PostgresException postgres => $"PostgreSQL: {postgres.SqlState}: {postgres.MessageText}",
        NpgsqlException or RabbitMQClientException or OperationCanceledException => $"{failure.GetType().Name}: {failure.Message}",
        _ => failure.ToString(),
    };
}
