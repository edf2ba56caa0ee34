// web: the live page. For the service: the page's files, ready to be sent, and the history that its charts start from.
// Keeps true: the page loads nothing from elsewhere, and all its files together stay under 100 KB packed (page-files.test.ts).
// What runs in the browser lies in browser/, whose imports are only its own, the client's and uPlot.
export { History, type HistoryAnswer, type HistoryQuery } from './history.ts';
export { PAGE_INDEX, PAGE_PATH, type PageFile, pageFiles } from './page-files.ts';
