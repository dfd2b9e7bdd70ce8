"""The GraphQL documents that show how code changes. Page sizes are bounded by what GitHub answers within its time."""

PULLS = """
query($owner: String!, $repo: String!, $size: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequests(states: MERGED, first: $size, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        number title createdAt updatedAt mergedAt baseRefName headRefOid
        author { __typename login }
        mergedBy { __typename login }
        mergeCommit { oid }
        labels(first: 100) { nodes { name } }
        closingIssuesReferences(first: 50) { totalCount nodes { number repository { nameWithOwner } } }
        reviews(first: 50) { pageInfo { hasNextPage endCursor } nodes { ...review } }
        commits(last: 1) {
          nodes {
            commit {
              oid
              author { email user { login } }
              committer { email user { login } }
              statusCheckRollup {
                state
                contexts(first: 100) { pageInfo { hasNextPage } nodes { ...check } }
              }
            }
          }
        }
      }
    }
  }
}
fragment review on PullRequestReview {
  id state submittedAt
  author { __typename login }
  commit { oid }
}
fragment check on StatusCheckRollupContext {
  ... on CheckRun { id name status conclusion completedAt }
  ... on StatusContext { id context state createdAt }
}
"""

REVIEWS = """
query($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      reviews(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id state submittedAt author { __typename login } commit { oid } }
      }
    }
  }
}
"""

CHECKS = """
query($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      commits(last: 1) {
        nodes {
          commit {
            statusCheckRollup {
              contexts(first: 100, after: $after) {
                pageInfo { hasNextPage endCursor }
                nodes {
                  ... on CheckRun {
                    id name status conclusion completedAt isRequired(pullRequestNumber: $number)
                  }
                  ... on StatusContext { id context state createdAt isRequired(pullRequestNumber: $number) }
                }
              }
            }
          }
        }
      }
    }
  }
}
"""

HISTORY = """
query($owner: String!, $repo: String!, $ref: String!, $after: String) {
  repository(owner: $owner, name: $repo) {
    ref(qualifiedName: $ref) {
      target {
        ... on Commit {
          history(first: 100, after: $after) {
            pageInfo { hasNextPage endCursor }
            nodes {
              oid authoredDate committedDate
              author { user { login } }
              parents(first: 2) { nodes { oid } }
              associatedPullRequests(first: 10) { nodes { number mergedAt baseRefName } }
              signature { isValid }
            }
          }
        }
      }
    }
  }
}
"""

DEPLOYMENTS = """
query($owner: String!, $repo: String!, $after: String) {
  repository(owner: $owner, name: $repo) {
    deployments(first: 100, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        databaseId commitOid originalEnvironment createdAt
        commit { committedDate }
        creator { __typename login }
        ref { name }
        statuses(first: 50) { pageInfo { hasNextPage } nodes { state createdAt logUrl } }
      }
    }
  }
}
"""
