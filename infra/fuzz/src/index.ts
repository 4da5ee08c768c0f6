export { campaign } from './campaign/campaign.ts';
export { underLimits } from './campaign/limits.ts';
export { save } from './report/save.ts';
export { render } from './report/text.ts';
export { startTarget, type Target } from './system/target.ts';
