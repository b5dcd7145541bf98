using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>Looks up stored pours by their ids: one query for all who ask while the one before is on its way.</summary>
internal sealed class StoredPours(IServiceScopeFactory scopes)
{
    private readonly Lock _lock = new();
    private Question? _next;
    private bool _isAsking;

    /// <summary>Finds those that are stored, deleted ones too; among them may be some that others have asked for.</summary>
    /// <param name="ids">The ids; not empty.</param>
    /// <returns>The pours by id. It fails as the query does, and may take as long: who has no more time stops waiting.</returns>
    public Task<IReadOnlyDictionary<Guid, StoredPour>> FindAsync(IReadOnlyCollection<Guid> ids)
    {
        Question question;
        bool isFirst;
        lock (_lock)
        {
            question = _next ??= new Question(Activity.Current);
            question.Ids.AddRange(ids);
            (isFirst, _isAsking) = (!_isAsking, true);
        }

        if (isFirst)
        {
            _ = AskAsync();
        }

        return question.Answer.Task;
    }

    private async Task AskAsync()
    {
        while (Take() is { } question)
        {
            // Of the traces of all who ask, the first shows the query.
            Activity.Current = question.Trace;
            try
            {
                question.Answer.SetResult(await ReadAsync(question.Ids));
            }
            catch (Exception ex)
            {
                question.Answer.SetException(ex);
            }
        }
    }

    private Question? Take()
    {
        lock (_lock)
        {
            var question = _next;
            (_next, _isAsking) = (null, question is not null);
            return question;
        }
    }

    private async Task<IReadOnlyDictionary<Guid, StoredPour>> ReadAsync(List<Guid> ids)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<TaproomDb>()
            .Pours.IgnoreQueryFilters()
            .Where(pour => ids.Contains(pour.Id))
            .ToDictionaryAsync(pour => pour.Id);
    }

    private sealed record Question(Activity? Trace)
    {
        public List<Guid> Ids { get; } = [];

        public TaskCompletionSource<IReadOnlyDictionary<Guid, StoredPour>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
