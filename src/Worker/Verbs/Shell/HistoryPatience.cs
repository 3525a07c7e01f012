using VoiceWorker.Persistence;

namespace VoiceWorker.Verbs.Shell;

/// <summary>After a promotion of PostgreSQL nothing is recorded until its history is compared, or a minute is over:
/// what an operator does waits for that.</summary>
internal static class HistoryPatience
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    /// <summary>Does it as soon as it can be recorded.</summary>
    /// <param name="act">Nothing of it was tried where it has to wait.</param>
    /// <param name="tell">Hears once what is waited for, if anything is; null for nobody.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<T> RunAsync<T>(
        Func<Task<T>> act, Action<string>? tell, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await act();
            }
            catch (UncomparedHistoryException early)
            {
                if (early.IsFirst)
                    tell?.Invoke(early.Message);
                await Task.Delay(BetweenAttempts, cancellationToken);
            }
        }
    }
}
