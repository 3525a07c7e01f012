using System.Security.Cryptography;
using System.Text;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;

namespace VoiceWorker.Infrastructure.Servers;

internal static class DockerEngine
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    /// <exception cref="ServerUnavailableException">No engine answers within 2 s.</exception>
    public static async Task RequireAsync(CancellationToken cancellationToken)
    {
        // Its image may not be there to pull.
        TestcontainersSettings.ResourceReaperEnabled = false;
        try
        {
            // The settings ask every known socket when they are first read, and block.
            var endpoint = await Task.Run(() => TestcontainersSettings.OS.DockerEndpointAuthConfig, cancellationToken)
                .WaitAsync(AnswerLimit, cancellationToken);
            if (endpoint is null)
                throw new ServerUnavailableException("no engine answers");
        }
        catch (TimeoutException e)
        {
            throw new ServerUnavailableException($"the engine does not answer within {AnswerLimit}", e);
        }
    }

    /// <summary>A volume that is found again for the same directory.</summary>
    public static string VolumeFor(string directory)
    {
        var mark = SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(directory)));
        return $"voice-{Path.GetFileName(directory.TrimEnd('/'))}-{Convert.ToHexStringLower(mark)[..8]}";
    }

    /// <exception cref="ServerUnavailableException">No image, or its container does not start.</exception>
    public static async Task StartAsync(
        IContainer container, string image, Action<string> progress, CancellationToken cancellationToken)
    {
        progress($"Docker: starting {image}");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartLimit);
        try
        {
            await container.StartAsync(deadline.Token);
        }
        catch (Exception e)
        {
            // Also when we are cancelled: there is no reaper, and the next one would share the volume with it.
            await container.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new ServerUnavailableException($"{image}: {e.Message}", e);
        }
    }
}
