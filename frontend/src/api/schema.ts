// Generated from terraform/openapi.yaml by `npm run generate`: do not edit.

export interface paths {
    "/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List feedback, newest first
         * @description One page. `lastKey` of a page, given as the parameter of the same name together with the
         *     same filters, asks for the next one. Feedback that arrives between two pages moves
         *     nothing: no item is skipped or shown twice.
         *
         *     A page may hold fewer items than `limit`, even none, while `lastKey` is not null: then
         *     matching items are rare, and the next page looks further back. Only a null `lastKey`
         *     is the end. `limit` may change from page to page.
         */
        get: operations["listFeedback"];
        put?: never;
        /**
         * Submit feedback
         * @description Takes two bodies. A body with any of the fields `name`, `email`, `rating`, `message` is
         *     a **FeedbackSubmission** and is answered with 201 and the stored item. Any other body is
         *     a **FeedbackText** and is answered with 200.
         *
         *     A 2xx answer means stored, exactly once. To make a repeat after a lost answer safe,
         *     send an `Idempotency-Key`.
         */
        post: operations["submitFeedback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/feedback/{feedbackId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case. */
                feedbackId: components["parameters"]["FeedbackId"];
            };
            cookie?: never;
        };
        /**
         * Read one piece of feedback
         * @description A well-formed id that is unknown, erased or expired is 404; any other text is 400.
         */
        get: operations["getFeedback"];
        put?: never;
        post?: never;
        /**
         * Erase one piece of feedback
         * @description For a customer's request to be forgotten. Totals are not lowered. The list may show the
         *     item for a moment longer, until its index has followed.
         */
        delete: operations["deleteFeedback"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/analytics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Totals, and optionally one entry per day
         * @description Follows submissions within seconds and may be cached for one. Feedback that expires or
         *     is erased stays in the totals.
         */
        get: operations["getAnalytics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which version answers, where and when */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tasks
         * @description One page: newest first, or, with `DueBefore` or `DueAfter`, what is due soonest first. While
         *     there is more, `Link` names the next page (`rel="next"`), relative to this one. Tasks that
         *     arrive or go between two pages move nothing.
         *
         *     A page may hold fewer tasks than `limit`, even none, while there is a `Link`: matching tasks
         *     are rare then, and the next page looks further. Only a page without it is the last.
         *
         *     A new or changed task may take a moment until it is listed.
         */
        get: operations["listTasks"];
        put?: never;
        /**
         * Create a task
         * @description To make a repeat after a lost answer safe, send an `Idempotency-Key`.
         */
        post: operations["createTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{TaskId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case; nothing else is the ID of a task. */
                TaskId: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        /** Read one task */
        get: operations["getTask"];
        /**
         * Change the named fields of a task
         * @description Fields that the request does not name stay as they are, also when somebody else changes
         *     them at the same moment. With `If-Match`, the change is made only to the version that the
         *     client has seen; without, the last change of a field wins.
         */
        put: operations["updateTask"];
        post?: never;
        /**
         * Delete a task
         * @description Its activity can be read for a while longer.
         */
        delete: operations["deleteTask"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{TaskId}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case; nothing else is the ID of a task. */
                TaskId: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        /**
         * What happened to a task, newest first
         * @description Also of a task that was deleted, until the entries expire. Pages as in the list of tasks.
         */
        get: operations["getTaskActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/unsubscribe/{messageId}/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The message that the link stands in.
                 * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
                 */
                messageId: string;
                /**
                 * @description The message's own secret.
                 * @example 4bYJ0m3kqv1uJxS7yH2cW9tLrNeA5dGf
                 */
                token: string;
            };
            cookie?: never;
        };
        /**
         * The page that unsubscribes
         * @description For people whose mail program opens the address of the `List-Unsubscribe` header instead of
         *     asking by itself: a button that sends the request below. The page is the same for every
         *     well-formed address, known or not, and opening it changes nothing.
         */
        get: operations["showUnsubscribe"];
        put?: never;
        /**
         * Unsubscribe by the link of a message
         * @description For mail programs (RFC 8058): the address of the `List-Unsubscribe` header. The recipient of
         *     the message gets no more messages. Whoever has the address may ask, as often as he likes.
         *     Of the body, whatever its content type, nothing is read. An address that no message was sent
         *     with, or whose message is forgotten, is 404. Who accepts `text/html`, as browsers do, is
         *     answered with a page.
         */
        post: operations["unsubscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message to a customer
         * @description A 202 answer means stored, and handed to the workflow that sends it: exactly one e-mail,
         *     or none and a reason (`GET /messages/{messageId}`). To make a repeat after a lost answer
         *     safe, send an `Idempotency-Key`. A recipient gets a limited number of messages per hour:
         *     beyond it, the answer is 429 with `Retry-After`.
         *
         *     With `channel: sms` it is a text message, where the stack sends any; elsewhere that is 400.
         */
        post: operations["submitMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messages/{messageId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case. */
                messageId: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        /**
         * What became of a message
         * @description Without recipient and content. A well-formed id that is unknown or expired is 404; any
         *     other text is 400.
         */
        get: operations["getMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write to the team
         * @description What a visitor of the site says goes to the team's inbox, which answers to the address
         *     given. That address gets a fixed acknowledgement, which holds nothing of what was said,
         *     a limited number of times a day.
         */
        post: operations["submitContact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contact/{messageId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case. */
                messageId: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        /**
         * Whether the team was written to
         * @description Of a message that `POST /contact` answered with, and of no other: nothing but whether it is
         *     on its way. Whoever has the id may ask. A well-formed id that is unknown, expired or of
         *     another message is 404; any other text is 400.
         */
        get: operations["getContact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Format: uuid
         * @example 550e8400-e29b-41d4-a716-446655440000
         */
        FeedbackId: string;
        /** @enum {string} */
        Sentiment: "positive" | "neutral" | "negative" | "mixed";
        Rating: number;
        /**
         * Format: date-time
         * @description UTC, with milliseconds.
         * @example 2025-10-01T12:34:56.789Z
         */
        Timestamp: string;
        /** @description A customer's rating and message, with a name and an address to answer to. */
        FeedbackSubmission: {
            /**
             * @description Display name, shown publicly: one line, without control or bidirectional-override characters.
             *     Spaces around it are cut off.
             */
            name: string;
            /**
             * Format: email
             * @description Never shown.
             */
            email: string;
            rating: components["schemas"]["Rating"];
            /**
             * @description Shown publicly. Tabs and line ends are the only control characters allowed. Spaces
             *     around it are cut off.
             */
            message: string;
        };
        /** @description Bare text from another system. It is listed under the name Anonymous. */
        FeedbackText: {
            feedback: string;
            /**
             * @description Who said it, in the other system's terms. Never shown.
             * @default anonymous
             */
            customer_id: string;
        };
        FeedbackProcessed: {
            /** @enum {string} */
            message: "Feedback processed successfully";
            feedbackId: components["schemas"]["FeedbackId"];
            /**
             * @description In Amazon Comprehend's spelling.
             * @enum {string}
             */
            sentiment: "POSITIVE" | "NEUTRAL" | "NEGATIVE" | "MIXED";
        };
        /** @description What was stored, for its author only. */
        StoredFeedback: {
            feedbackId: components["schemas"]["FeedbackId"];
            name: string;
            /** Format: email */
            email: string;
            rating: components["schemas"]["Rating"];
            message: string;
            sentiment: components["schemas"]["Sentiment"];
            createdAt: components["schemas"]["Timestamp"];
        };
        PublicFeedback: {
            feedbackId: components["schemas"]["FeedbackId"];
            /** @description Anonymous when none was given. */
            name: string;
            /** @description Null when none was given. */
            rating: number | null;
            message: string;
            sentiment: components["schemas"]["Sentiment"];
            createdAt: components["schemas"]["Timestamp"];
        };
        FeedbackPage: {
            items: components["schemas"]["PublicFeedback"][];
            /** @description Number of items of this page. */
            count: number;
            /** @description Where the next page starts; null at the end. */
            lastKey: string | null;
        };
        SentimentCounts: {
            positive: number;
            neutral: number;
            negative: number;
            mixed: number;
        };
        /** @description One decimal; zeros while there is no feedback. */
        SentimentPercentages: {
            positive: components["schemas"]["Percentage"];
            neutral: components["schemas"]["Percentage"];
            negative: components["schemas"]["Percentage"];
            mixed: components["schemas"]["Percentage"];
        };
        Percentage: number;
        /** @description Two decimals, of the feedback that has a rating; 0 when none has. */
        AverageRating: number;
        DayAnalytics: {
            /** Format: date */
            date: string;
            count: number;
            averageRating: components["schemas"]["AverageRating"];
            sentiment: components["schemas"]["SentimentCounts"];
        };
        /**
         * @example {
         *       "totalFeedback": 1234,
         *       "averageRating": 4.3,
         *       "sentiment": {
         *         "positive": 800,
         *         "neutral": 280,
         *         "negative": 134,
         *         "mixed": 20
         *       },
         *       "sentimentPercentage": {
         *         "positive": 64.8,
         *         "neutral": 22.7,
         *         "negative": 10.9,
         *         "mixed": 1.6
         *       },
         *       "lastUpdated": "2025-10-01T12:34:56.789Z"
         *     }
         */
        Analytics: {
            totalFeedback: number;
            averageRating: components["schemas"]["AverageRating"];
            sentiment: components["schemas"]["SentimentCounts"];
            sentimentPercentage: components["schemas"]["SentimentPercentages"];
            /**
             * Format: date-time
             * @description When feedback was last counted; null before the first.
             */
            lastUpdated: string | null;
            /** @description Only with `days`. Oldest first, days without feedback included. */
            daily?: components["schemas"]["DayAnalytics"][];
        };
        Health: {
            /** @enum {string} */
            status: "ok";
            /** @description Published version of the function. */
            version: string;
            region: string;
            timestamp: components["schemas"]["Timestamp"];
        };
        Error: {
            /**
             * @description Stable code for programs.
             * @enum {string}
             */
            error: "ValidationError" | "InvalidCursor" | "Unauthorized" | "Forbidden" | "NotFound" | "MethodNotAllowed" | "PayloadTooLarge" | "UnsupportedMediaType" | "IdempotencyConflict" | "TooManyRequests" | "InternalError" | "ServiceUnavailable" | "Timeout";
            /** @description A sentence for people. */
            message: string;
            details: components["schemas"]["ErrorDetail"][];
            requestId: string;
        };
        ErrorDetail: {
            field: string;
            issue: string;
        };
        /**
         * Format: uuid
         * @example 123e4567-e89b-12d3-a456-426614174000
         */
        TaskId: string;
        /** @enum {string} */
        TaskStatus: "Open" | "In Progress" | "Completed";
        /** @enum {string} */
        TaskPriority: "Low" | "Medium" | "High";
        /** @description One line. Capitals count. */
        Tag: string;
        /**
         * @description UTC. Fractions of a second are cut off.
         * @example 2027-01-31T12:00:00Z
         */
        DueDate: string;
        NewTask: {
            /** @description One line, without control or bidirectional-override characters. */
            Title: string;
            /**
             * @description Tabs and line ends are the only control characters allowed.
             * @default
             */
            Description: string;
            /**
             * @default Open
             * @enum {string}
             */
            Status: "Open" | "In Progress" | "Completed";
            /** @enum {string|null} */
            Priority?: "Low" | "Medium" | "High" | null;
            /** @description One said twice counts once. */
            Tags?: components["schemas"]["Tag"][];
            /**
             * @description UTC. Fractions of a second are cut off.
             * @example 2027-01-31T12:00:00Z
             */
            DueDate?: string | null;
        };
        /**
         * @description What is not named stays as it is. Null takes a priority or a due date away, an empty list
         *     the tags.
         */
        TaskChanges: {
            /** @description One line, without control or bidirectional-override characters. */
            Title?: string;
            /** @description Tabs and line ends are the only control characters allowed. */
            Description?: string;
            /** @enum {string} */
            Status?: "Open" | "In Progress" | "Completed";
            /** @enum {string|null} */
            Priority?: "Low" | "Medium" | "High" | null;
            /** @description One said twice counts once. */
            Tags?: components["schemas"]["Tag"][];
            /**
             * @description UTC. Fractions of a second are cut off.
             * @example 2027-01-31T12:00:00Z
             */
            DueDate?: string | null;
        };
        /** @description `Priority`, `Tags` and `DueDate` appear where they are set. */
        Task: {
            TaskId: components["schemas"]["TaskId"];
            Title: string;
            Description: string;
            Status: components["schemas"]["TaskStatus"];
            CreatedAt: components["schemas"]["TaskTime"];
            Priority?: components["schemas"]["TaskPriority"];
            Tags?: string[];
            DueDate?: components["schemas"]["TaskTime"];
        };
        /**
         * Format: date-time
         * @description UTC, in whole seconds.
         * @example 2025-12-27T16:30:00Z
         */
        TaskTime: string;
        TaskCreated: {
            /** @enum {string} */
            message: "Task created successfully";
            TaskId: components["schemas"]["TaskId"];
            data: components["schemas"]["Task"];
        };
        TaskUpdated: {
            /** @enum {string} */
            message: "Task updated successfully";
            /** @description The ID, and the fields that the request named, where they are set. */
            data: {
                TaskId: components["schemas"]["TaskId"];
                Title?: string;
                Description?: string;
                Status?: components["schemas"]["TaskStatus"];
                Priority?: components["schemas"]["TaskPriority"];
                Tags?: string[];
                DueDate?: components["schemas"]["TaskTime"];
            };
        };
        TaskActivity: {
            At: components["schemas"]["TaskTime"];
            /** @enum {string} */
            Action: "created" | "updated" | "deleted" | "reminded";
            /** @description The task's version that came of it. */
            Version: number;
            /** @description Of an update. */
            Changes?: components["schemas"]["TaskChange"][];
        };
        /**
         * @description `From` and `To` appear where there was or is something; of a description, only that it
         *     changed is kept.
         */
        TaskChange: {
            /** @enum {string} */
            Field: "Title" | "Description" | "Status" | "Priority" | "Tags" | "DueDate";
            From?: string | string[];
            To?: string | string[];
        };
        /** @description An error of the task tracker. The codes without spaces are API Gateway's own. */
        TaskError: {
            /** @enum {string} */
            error: "Validation Error" | "Invalid Cursor" | "Not Found" | "Precondition Failed" | "Payload Too Large" | "Unsupported Media Type" | "Idempotency Conflict" | "Internal Server Error" | "Service Unavailable" | "ValidationError" | "NotFound" | "MethodNotAllowed" | "Forbidden" | "PayloadTooLarge" | "UnsupportedMediaType" | "TooManyRequests" | "InternalError" | "ServiceUnavailable" | "Timeout";
            /** @description A sentence for people. */
            message: string;
            details: components["schemas"]["ErrorDetail"][];
            requestId: string;
        };
        /** @description HTML for a person. */
        Page: string;
        Unsubscribed: {
            /** @enum {string} */
            status: "unsubscribed";
        };
        /**
         * Format: uuid
         * @example 6e3f4c86-3a35-4a9e-b0c5-2a2d0b1f8f10
         */
        MessageId: string;
        /** @description An e-mail to one customer. */
        EmailMessage: {
            /**
             * @default email
             * @enum {string}
             */
            channel: "email";
            /**
             * Format: email
             * @description Before the @ in ASCII; a domain of other characters is written in its ASCII form (punycode).
             */
            email: string;
            /** @description One line, without control or bidirectional-override characters. Spaces around it are cut off. */
            subject: string;
            /**
             * @description Plain text. Tabs and line ends are the only control characters allowed. Spaces around it are
             *     cut off.
             */
            message: string;
        };
        /** @description What a visitor of the site wants to tell the team, and where the answer goes. */
        ContactRequest: {
            /**
             * Format: email
             * @description Where the team answers. Before the @ in ASCII.
             */
            email: string;
            /** @description One line, without control or bidirectional-override characters. Spaces around it are cut off. */
            subject: string;
            /**
             * @description Plain text. Tabs and line ends are the only control characters allowed. Spaces around it are
             *     cut off.
             */
            message: string;
        };
        MessageAccepted: {
            messageId: components["schemas"]["MessageId"];
            status: components["schemas"]["MessageStatusName"];
        };
        /**
         * @description `queued`: on its way. `sent`: the mail service has taken it. `failed`: it was not sent, or came
         *     back; `reason` says why.
         * @enum {string}
         */
        MessageStatusName: "queued" | "sent" | "failed";
        MessageStatus: {
            messageId: components["schemas"]["MessageId"];
            /** @enum {string} */
            channel: "email" | "sms";
            status: components["schemas"]["MessageStatusName"];
            /** @description How often it was handed to the service that sends it. */
            attempts: number;
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            /** @description Why it failed, or why it was not taken at the last attempt. */
            reason?: string;
            history: components["schemas"]["MessageState"][];
        };
        MessageState: {
            /**
             * @description `throttled`: the service did not take it for now. `in_doubt`: nobody knows whether it took it.
             *     `delivered`, `bounced`, `complained`: what the recipient's server told. `unsubscribed`: by a
             *     link in this message.
             * @enum {string}
             */
            state: "queued" | "sending" | "throttled" | "in_doubt" | "sent" | "failed" | "delivered" | "bounced" | "complained" | "unsubscribed";
            at: components["schemas"]["Timestamp"];
            reason?: string;
            attempt?: number;
        };
        /** @description A text message to one customer. */
        SmsMessage: {
            /** @enum {string} */
            channel: "sms";
            /**
             * @description In E.164.
             * @example +14155550100
             */
            phone: string;
            /**
             * @description Plain text. Tabs and line ends are the only control characters allowed. Spaces around it are
             *     cut off.
             */
            message: string;
        };
    };
    responses: {
        /**
         * @description `ValidationError`: `details` names every field and its rule. `InvalidCursor`: `lastKey`
         *     is none, or belongs to other filters.
         */
        BadRequest: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "ValidationError",
                 *       "message": "rating must be at most 5",
                 *       "details": [
                 *         {
                 *           "field": "rating",
                 *           "issue": "must be at most 5"
                 *         }
                 *       ],
                 *       "requestId": "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1"
                 *     }
                 */
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description `Forbidden`: the API key is missing or not valid for this operation. */
        Forbidden: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description `NotFound`: nothing has this id, or there is no such path. */
        NotFound: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description `NotFound`: no message was sent with this address, or it is forgotten. */
        UnknownLink: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Content-Security-Policy": components["headers"]["PagePolicy"];
                "Referrer-Policy": components["headers"]["NoReferrer"];
                "X-Content-Type-Options": components["headers"]["NoSniff"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
                "text/html": components["schemas"]["Page"];
            };
        };
        /** @description `MethodNotAllowed`: the path exists, but not with this method. */
        MethodNotAllowed: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description `PayloadTooLarge`: the body is longer than 64 KB. */
        PayloadTooLarge: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description `UnsupportedMediaType`: `Content-Type` is not `application/json`. */
        UnsupportedMediaType: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description `IdempotencyConflict`: the `Idempotency-Key` was used with another body. */
        IdempotencyConflict: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description `TooManyRequests`: over the rate or the quota. Wait, then try again. */
        TooManyRequests: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description `InternalError`: a fault of the service. Quote the `requestId`. */
        InternalError: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /**
         * @description `Timeout`: the answer took longer than API Gateway waits. Whether it was stored is
         *     unknown; with an `Idempotency-Key`, a repeat will tell.
         */
        Timeout: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /**
         * @description `ServiceUnavailable`: too much at once, or a part of the service did not answer. It may
         *     have been stored; with an `Idempotency-Key`, a repeat will tell and store nothing twice.
         */
        ServiceUnavailable: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /**
         * @description `Validation Error`: `details` names every field and its rule. `Invalid Cursor`: `cursor` is
         *     none, or belongs to other filters. `ValidationError`: the body is no JSON object.
         */
        TaskBadRequest: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "Validation Error",
                 *       "message": "Title field is required",
                 *       "details": [
                 *         {
                 *           "field": "Title",
                 *           "issue": "is required"
                 *         }
                 *       ],
                 *       "requestId": "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1"
                 *     }
                 */
                "application/json": components["schemas"]["TaskError"];
            };
        };
        /** @description `Not Found`: no task has this ID. */
        TaskNotFound: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TaskError"];
            };
        };
        /** @description `Precondition Failed`: the task is not at a version that `If-Match` names. */
        TaskPreconditionFailed: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TaskError"];
            };
        };
        /** @description `Payload Too Large` (`PayloadTooLarge` of API Gateway): the body is longer than 64 KB. */
        TaskPayloadTooLarge: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TaskError"];
            };
        };
        /**
         * @description `Unsupported Media Type` (`UnsupportedMediaType` of API Gateway): `Content-Type` is not
         *     `application/json`.
         */
        TaskUnsupportedMediaType: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TaskError"];
            };
        };
        /** @description `Idempotency Conflict`: the `Idempotency-Key` was used with another body. */
        TaskIdempotencyConflict: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TaskError"];
            };
        };
        /** @description `Internal Server Error` (`InternalError` of API Gateway): a fault of the service. Quote the `requestId`. */
        TaskInternalError: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TaskError"];
            };
        };
        /**
         * @description `Service Unavailable` (`ServiceUnavailable` of API Gateway): too much at once, or a part of
         *     the service did not answer. It may have been done; with an `Idempotency-Key`, a repeat will
         *     tell and create nothing twice.
         */
        TaskServiceUnavailable: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TaskError"];
            };
        };
    };
    parameters: {
        /**
         * @description Chosen by the client, new for every submission; a UUID is a good one. For 24 hours a
         *     repeat with the same key and body gets the first answer and stores nothing, even if the
         *     feedback was erased meanwhile; the same key with another body is 422.
         * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
         */
        IdempotencyKey: string;
        /** @description A UUID in lower case. */
        FeedbackId: components["schemas"]["FeedbackId"];
        /** @description Most items of the page. */
        Limit: number;
        /** @description Opaque. `lastKey` of the page before. */
        LastKey: string;
        /** @description Only feedback of this sentiment. */
        SentimentFilter: components["schemas"]["Sentiment"];
        /** @description Only feedback with this rating. */
        RatingFilter: components["schemas"]["Rating"];
        /** @description Adds `daily` with this many days up to today (UTC). */
        Days: number;
        /** @description A UUID in lower case; nothing else is the ID of a task. */
        TaskId: components["schemas"]["TaskId"];
        /**
         * @description Chosen by the client, new for every task; a UUID is a good one. For 24 hours a repeat with
         *     the same key and body gets the first answer and creates nothing, even if the task was changed
         *     or deleted meanwhile; the same key with another body is 422.
         * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
         */
        TaskIdempotencyKey: string;
        /** @description Most entries of the page. */
        TaskLimit: number;
        /** @description Opaque. From the `Link` of the page before, with its other parameters. */
        TaskCursor: string;
        /** @description Only tasks of this status. */
        TaskStatus: components["schemas"]["TaskStatus"];
        /** @description Only tasks of this priority. */
        TaskPriority: components["schemas"]["TaskPriority"];
        /** @description Only tasks with this tag, as tasks show it. */
        TaskTag: string;
        /** @description Only tasks that are due before this moment. */
        DueBefore: components["schemas"]["DueDate"];
        /** @description Only tasks that are due at this moment or later. */
        DueAfter: components["schemas"]["DueDate"];
        /**
         * @description An `ETag` of the task, or several: the request is refused with 412 unless one of them is
         *     the task's version. `*` means any version.
         * @example "1"
         */
        IfMatch: string;
        /**
         * @description Chosen by the client, new for every message; a UUID is a good one. As long as the message is
         *     kept, a repeat with the same key and body is the same message, and the same key with another
         *     body is 422. One API key's idempotency keys are nothing to another's.
         * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
         */
        MessageIdempotencyKey: string;
        /** @description A UUID in lower case. */
        MessageId: components["schemas"]["MessageId"];
    };
    requestBodies: never;
    headers: {
        /** @description Headers of the answer that a page of another origin may read. */
        ExposeHeaders: "ETag,Link,Retry-After";
        /** @description The site's origin. */
        AllowOrigin: string;
        /** @description `no-store`. */
        NoStore: string;
        /** @description Seconds to wait before the next attempt. */
        RetryAfter: string;
        /** @description Of pages: nothing runs, nothing is loaded, and nobody frames it. */
        PagePolicy: string;
        /** @description Of pages: `no-referrer`, because their address holds a secret. */
        NoReferrer: string;
        /** @description Of pages: `nosniff`. */
        NoSniff: string;
        /** @description The version of the task, for `If-Match`. */
        TaskETag: string;
        /** @description `<?cursor=…>; rel="next"`: where the next page is, relative to this one. Absent at the end. */
        NextPageLink: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listFeedback: {
        parameters: {
            query?: {
                /** @description Most items of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description Opaque. `lastKey` of the page before. */
                lastKey?: components["parameters"]["LastKey"];
                /** @description Only feedback of this sentiment. */
                sentiment?: components["parameters"]["SentimentFilter"];
                /** @description Only feedback with this rating. */
                rating?: components["parameters"]["RatingFilter"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of feedback. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedbackPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    submitFeedback: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Chosen by the client, new for every submission; a UUID is a good one. For 24 hours a
                 *     repeat with the same key and body gets the first answer and stores nothing, even if the
                 *     feedback was erased meanwhile; the same key with another body is 422.
                 * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description At most 64 KB of JSON. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["FeedbackSubmission"] | components["schemas"]["FeedbackText"];
            };
        };
        responses: {
            /** @description A FeedbackText was stored. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedbackProcessed"];
                };
            };
            /** @description A FeedbackSubmission was stored. */
            201: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredFeedback"];
                };
            };
            400: components["responses"]["BadRequest"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyConflict"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    getFeedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case. */
                feedbackId: components["parameters"]["FeedbackId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The feedback, as the list shows it. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicFeedback"];
                };
            };
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    deleteFeedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case. */
                feedbackId: components["parameters"]["FeedbackId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Erased. */
            204: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    getAnalytics: {
        parameters: {
            query?: {
                /** @description Adds `daily` with this many days up to today (UTC). */
                days?: components["parameters"]["Days"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Totals of all feedback ever accepted. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    /** @description `public, max-age=60`. */
                    "Cache-Control"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Analytics"];
                };
            };
            400: components["responses"]["BadRequest"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The API answers. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            504: components["responses"]["Timeout"];
        };
    };
    listTasks: {
        parameters: {
            query?: {
                /** @description Most entries of the page. */
                limit?: components["parameters"]["TaskLimit"];
                /** @description Opaque. From the `Link` of the page before, with its other parameters. */
                cursor?: components["parameters"]["TaskCursor"];
                /** @description Only tasks of this status. */
                Status?: components["parameters"]["TaskStatus"];
                /** @description Only tasks of this priority. */
                Priority?: components["parameters"]["TaskPriority"];
                /** @description Only tasks with this tag, as tasks show it. */
                Tag?: components["parameters"]["TaskTag"];
                /** @description Only tasks that are due before this moment. */
                DueBefore?: components["parameters"]["DueBefore"];
                /** @description Only tasks that are due at this moment or later. */
                DueAfter?: components["parameters"]["DueAfter"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tasks. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    Link: components["headers"]["NextPageLink"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"][];
                };
            };
            400: components["responses"]["TaskBadRequest"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["TaskInternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["TaskServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    createTask: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Chosen by the client, new for every task; a UUID is a good one. For 24 hours a repeat with
                 *     the same key and body gets the first answer and creates nothing, even if the task was changed
                 *     or deleted meanwhile; the same key with another body is 422.
                 * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
                 */
                "Idempotency-Key"?: components["parameters"]["TaskIdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description At most 64 KB of JSON. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTask"];
            };
        };
        responses: {
            /** @description The task was created. */
            201: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    ETag: components["headers"]["TaskETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskCreated"];
                };
            };
            400: components["responses"]["TaskBadRequest"];
            413: components["responses"]["TaskPayloadTooLarge"];
            415: components["responses"]["TaskUnsupportedMediaType"];
            422: components["responses"]["TaskIdempotencyConflict"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["TaskInternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["TaskServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    getTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case; nothing else is the ID of a task. */
                TaskId: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    ETag: components["headers"]["TaskETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            400: components["responses"]["TaskBadRequest"];
            404: components["responses"]["TaskNotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["TaskInternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["TaskServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    updateTask: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description An `ETag` of the task, or several: the request is refused with 412 unless one of them is
                 *     the task's version. `*` means any version.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description A UUID in lower case; nothing else is the ID of a task. */
                TaskId: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        /** @description At most 64 KB of JSON. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskChanges"];
            };
        };
        responses: {
            /** @description The task is as the request asked. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    ETag: components["headers"]["TaskETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskUpdated"];
                };
            };
            400: components["responses"]["TaskBadRequest"];
            404: components["responses"]["TaskNotFound"];
            412: components["responses"]["TaskPreconditionFailed"];
            413: components["responses"]["TaskPayloadTooLarge"];
            415: components["responses"]["TaskUnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["TaskInternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["TaskServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    deleteTask: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description An `ETag` of the task, or several: the request is refused with 412 unless one of them is
                 *     the task's version. `*` means any version.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description A UUID in lower case; nothing else is the ID of a task. */
                TaskId: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. (Without the body of the original document, which HTTP forbids.) */
            204: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["TaskBadRequest"];
            404: components["responses"]["TaskNotFound"];
            412: components["responses"]["TaskPreconditionFailed"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["TaskInternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["TaskServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    getTaskActivity: {
        parameters: {
            query?: {
                /** @description Most entries of the page. */
                limit?: components["parameters"]["TaskLimit"];
                /** @description Opaque. From the `Link` of the page before, with its other parameters. */
                cursor?: components["parameters"]["TaskCursor"];
            };
            header?: never;
            path: {
                /** @description A UUID in lower case; nothing else is the ID of a task. */
                TaskId: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of entries. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    Link: components["headers"]["NextPageLink"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskActivity"][];
                };
            };
            400: components["responses"]["TaskBadRequest"];
            404: components["responses"]["TaskNotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["TaskInternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["TaskServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    showUnsubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The message that the link stands in.
                 * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
                 */
                messageId: string;
                /**
                 * @description The message's own secret.
                 * @example 4bYJ0m3kqv1uJxS7yH2cW9tLrNeA5dGf
                 */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    "Content-Security-Policy": components["headers"]["PagePolicy"];
                    "Referrer-Policy": components["headers"]["NoReferrer"];
                    "X-Content-Type-Options": components["headers"]["NoSniff"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": components["schemas"]["Page"];
                };
            };
            400: components["responses"]["BadRequest"];
            404: components["responses"]["UnknownLink"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    unsubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The message that the link stands in.
                 * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
                 */
                messageId: string;
                /**
                 * @description The message's own secret.
                 * @example 4bYJ0m3kqv1uJxS7yH2cW9tLrNeA5dGf
                 */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The recipient is on the suppression list. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    "Content-Security-Policy": components["headers"]["PagePolicy"];
                    "Referrer-Policy": components["headers"]["NoReferrer"];
                    "X-Content-Type-Options": components["headers"]["NoSniff"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unsubscribed"];
                    "text/html": components["schemas"]["Page"];
                };
            };
            400: components["responses"]["BadRequest"];
            404: components["responses"]["UnknownLink"];
            413: components["responses"]["PayloadTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    submitMessage: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Chosen by the client, new for every message; a UUID is a good one. As long as the message is
                 *     kept, a repeat with the same key and body is the same message, and the same key with another
                 *     body is 422. One API key's idempotency keys are nothing to another's.
                 * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
                 */
                "Idempotency-Key"?: components["parameters"]["MessageIdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description At most 64 KB of JSON. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailMessage"] | components["schemas"]["SmsMessage"];
            };
        };
        responses: {
            /** @description Stored, and handed to the workflow. */
            202: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageAccepted"];
                };
            };
            400: components["responses"]["BadRequest"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyConflict"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    getMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case. */
                messageId: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message and its history, oldest first. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageStatus"];
                };
            };
            400: components["responses"]["BadRequest"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    submitContact: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Chosen by the client, new for every message; a UUID is a good one. As long as the message is
                 *     kept, a repeat with the same key and body is the same message, and the same key with another
                 *     body is 422. One API key's idempotency keys are nothing to another's.
                 * @example 5f0c1c62-7a44-4a5c-9d2f-0d6d9c3b2a10
                 */
                "Idempotency-Key"?: components["parameters"]["MessageIdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description At most 64 KB of JSON. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContactRequest"];
            };
        };
        responses: {
            /** @description Stored, and handed to the workflow that sends it. */
            202: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageAccepted"];
                };
            };
            400: components["responses"]["BadRequest"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyConflict"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
    getContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID in lower case. */
                messageId: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state of the message. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageAccepted"];
                };
            };
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["Timeout"];
        };
    };
}
