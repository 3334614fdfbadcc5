using System.Runtime.CompilerServices;

namespace Nutanix.Prism.Http;

/// <summary>A page of a list.</summary>
internal interface IListPage
{
    /// <summary>Entries on the page, duplicates included.</summary>
    int Count { get; }

    /// <summary>Entries of the whole list, as the server thinks at the moment; null where it does not say.</summary>
    long? Total { get; }
}

/// <summary>
/// Hands out pages in order, and asks for the next ones while the caller works. It begins with one page ahead and doubles
/// that with each page taken, so that a caller who stops early has hardly asked for more than it took.
/// </summary>
internal static class ReadAhead
{
    /// <param name="first">The page that was read already; handed out first.</param>
    /// <param name="read">Reads a page by its number; 1 is the one after <paramref name="first"/>.</param>
    /// <param name="limit">Most pages asked for at once.</param>
    /// <param name="readsAll">The caller will take everything: asks for all that is allowed from the beginning.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public static async IAsyncEnumerable<TPage> PagesAsync<TPage>(
        TPage first, Func<int, CancellationToken, Task<TPage>> read, int limit, bool readsAll, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TPage : IListPage
    {
        yield return first;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ahead = new Queue<Task<TPage>>();
        int next = 1;
        int window = readsAll ? limit : 1;
        long total = first.Total ?? 0;

        // A server may give shorter pages than asked for; their length is the step then.
        int step = Math.Max(first.Count, 1);
        try
        {
            while (true)
            {
                // The total lags behind the truth: the page after the last one it promises is asked for too, and only an
                // empty page (or the caller) ends the list.
                long promised = (total + step - 1) / step;
                while (ahead.Count == 0 || (ahead.Count < window && next <= promised))
                {
                    ahead.Enqueue(read(next++, stop.Token));
                }

                TPage page = await ahead.Dequeue().ConfigureAwait(false);
                total = page.Total ?? total;
                yield return page;
                window = Math.Min(window * 2, limit);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(ahead)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
